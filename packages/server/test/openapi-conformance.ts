import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import type { LightMyRequestResponse } from 'fastify'

interface Schema {
  readonly [keyword: string]: unknown
}

interface MediaType {
  readonly schema: Schema
  /** Where the schema of a body has one example, the document has it here. */
  readonly example?: object
}

interface DocumentedResponse {
  readonly headers?: Readonly<Record<string, { readonly schema: Schema }>>
  readonly content?: Readonly<Record<string, MediaType>>
}

interface Operation {
  readonly requestBody?: { readonly content: Readonly<Record<string, MediaType>> }
  readonly responses: Readonly<Record<string, DocumentedResponse>>
}

export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

const ajv = new Ajv2020({ strict: false, allErrors: true })
ajv.addFormat('uuid', /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
ajv.addFormat('date-time', /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/)

/** Holds responses against the document that describes them; throws with what is undocumented or different. */
export class OpenApiConformance {
  readonly #document: OpenApiDocument
  readonly #validators = new Map<Schema, ValidateFunction>()

  constructor(document: OpenApiDocument) {
    this.#document = document
  }

  check(method: string, url: string, response: LightMyRequestResponse): void {
    const operation = this.#operation(method.toLowerCase(), url.split('?', 1)[0] ?? '')
    if (!operation) return
    const place = `${method} ${url} ${response.statusCode}`
    const documented = operation.responses[String(response.statusCode)]
    if (!documented) throw new Error(`${place} is not documented`)
    this.#checkHeaders(place, documented, response)
    this.#checkBody(place, documented, response)
  }

  /** The examples of every schema at the top of a body or an answer, which must be valid themselves. */
  checkExamples(): number {
    let examples = 0
    for (const [path, operations] of Object.entries(this.#document.paths)) {
      for (const [method, operation] of Object.entries(operations)) {
        const bodies = [operation.requestBody, ...Object.values(operation.responses)]
        for (const media of bodies.flatMap((body) => Object.values(body?.content ?? {}))) {
          examples += this.#checkMediaExamples(`${method} ${path}`, media)
        }
      }
    }
    return examples
  }

  #operation(method: string, path: string): Operation | undefined {
    const templates = Object.keys(this.#document.paths)
    const template = templates.find((each) => new RegExp(`^${each.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`).test(path))
    return template === undefined ? undefined : this.#document.paths[template]?.[method]
  }

  #checkHeaders(place: string, documented: DocumentedResponse, response: LightMyRequestResponse): void {
    for (const [name, { schema }] of Object.entries(documented.headers ?? {})) {
      const value = response.headers[name.toLowerCase()]
      if (value === undefined && isOptional(name)) continue
      if (value === undefined) throw new Error(`${place} lacks the documented header ${name}`)
      this.#validate(`${place} ${name}`, schema, String(value))
    }
    const known = Object.keys(documented.headers ?? {}).map((name) => name.toLowerCase())
    const extra = Object.keys(response.headers).find((name) => isOptional(name) && !known.includes(name))
    if (extra !== undefined) throw new Error(`${place} has the header ${extra}, which is not documented`)
  }

  #checkBody(place: string, { content }: DocumentedResponse, response: LightMyRequestResponse): void {
    if (!content) {
      if (response.body !== '') throw new Error(`${place} has a body that is not documented`)
      return
    }
    const mediaType = String(response.headers['content-type']).split(';', 1)[0] ?? ''
    const documented = content[mediaType]
    if (!documented) throw new Error(`${place} answers ${mediaType}, which is not documented`)
    const body: unknown = /[/+]json$/.test(mediaType) ? response.json() : response.body
    this.#validate(place, documented.schema, body)
  }

  #checkMediaExamples(place: string, { schema, example }: MediaType): number {
    const ofSchema = (schema['examples'] ?? []) as unknown[]
    const examples = example === undefined ? ofSchema : [example]
    for (const example of examples) this.#validate(`${place}: an example`, schema, example)
    if (examples.length === 0 && schema['type'] === 'object' && !hasMemberExamples(schema)) {
      throw new Error(`${place}: a schema without an example (${String(schema['title'])})`)
    }
    return examples.length
  }

  #validate(place: string, schema: Schema, value: unknown): void {
    const validate = this.#validators.get(schema) ?? ajv.compile(closed(schema))
    this.#validators.set(schema, validate)
    if (!validate(value)) throw new Error(`${place} differs from the document: ${ajv.errorsText(validate.errors)}`)
  }
}

/**
 * The standing is absent where the answer came before the check of the token, and where nothing is limited; the sunset
 * where the request was not signed with a retiring secret.
 */
function isOptional(name: string): boolean {
  return /^(?:x-ratelimit-|cutover-secret-sunset$|cutover-current-secret$)/i.test(name)
}

/** Or examples of all its members, from which a reader of the document makes one of the whole. */
function hasMemberExamples(schema: Schema): boolean {
  const members = Object.values((schema['properties'] ?? {}) as Record<string, Schema>)
  return members.some((member) => 'examples' in member || 'const' in member || 'items' in member)
}

/** The schema with every object closed: a field that is sent and not documented is a difference too. */
function closed(schema: Schema): Schema {
  const entries = Object.entries(schema).map(([keyword, value]) => [keyword, closedValue(value)])
  const copy: Schema = Object.fromEntries(entries)
  return copy['properties'] && copy['additionalProperties'] === undefined
    ? { ...copy, additionalProperties: false }
    : copy
}

function closedValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closedValue)
  return typeof value === 'object' && value !== null ? closed(value as Schema) : value
}
