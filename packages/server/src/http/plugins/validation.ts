import { Ajv } from 'ajv'
import type { FastifyInstance } from 'fastify'
import type { FieldFault } from '../refusal.ts'
import { Refusal } from '../refusal.ts'

/** Enough to mend a body by; a hostile one may have thousands. */
const maxFaults = 20

interface SchemaError {
  readonly instancePath: string
  readonly keyword: string
  readonly params: Record<string, unknown>
}

// Fastify's own settings turn "60" into 60 and drop fields they do not know: here a field is what was sent, or refused.
const ajv = new Ajv({ coerceTypes: false, removeAdditional: false, useDefaults: false, allErrors: true, strict: false })

export function validation(app: FastifyInstance): void {
  app.setValidatorCompiler(({ schema, httpPart }) => {
    // Headers and parameters are checked where their meaning is known; their schemas are for the documentation.
    if (httpPart !== 'body' && httpPart !== 'querystring') return () => true
    return compile(schema)
  })
  app.setSerializerCompiler(() => JSON.stringify)
}

/** A check of `schema` that answers true or says what is wrong, in the form Fastify asks for. */
function compile(schema: unknown) {
  const check = ajv.compile(schema as object) // sound: the schemas are those of contract
  return (value: unknown) => {
    if (check(value)) return true
    return { error: new Refusal('fields_invalid', { faults: toFaults(check.errors ?? []) }) }
  }
}

/** Whether a value fits, for those who leave it to others to say why not. */
export function checkOf(schema: object): (value: unknown) => boolean {
  return ajv.compile(schema)
}

/** The faults of a value that is checked outside a route, an item of a batch. */
export function faultFinder(schema: object): (value: unknown) => readonly FieldFault[] {
  const check = ajv.compile(schema)
  return (value) => (check(value) ? [] : toFaults(check.errors ?? []))
}

/** One fault for each field: the first that was found. To word those that nobody is told would take longer than to find them. */
function toFaults(errors: readonly SchemaError[]): readonly FieldFault[] {
  const faults = new Map<string, FieldFault>()
  for (const error of errors) {
    if (faults.size === maxFaults) break
    const fault = toFault(error)
    if (!faults.has(fault.field)) faults.set(fault.field, fault)
  }
  return [...faults.values()]
}

function toFault({ instancePath, keyword, params }: SchemaError): FieldFault {
  const path = instancePath.slice(1).replaceAll('/', '.')
  const member = (name: unknown) => (path === '' ? String(name) : `${path}.${name}`)
  const fault = (field: string, rest: string, isTypeMismatch = false) => ({
    field,
    message: `${field === '' ? 'the value' : field} ${rest}`,
    isTypeMismatch,
  })
  switch (keyword) {
    case 'type':
      return fault(path, `must be ${withArticle(String(params['type']).replace(',', ' or '))}`, true)
    case 'required':
      return fault(member(params['missingProperty']), 'is required')
    case 'additionalProperties':
      return fault(member(shown(params['additionalProperty'])), 'is not a known field')
    case 'enum':
      return fault(path, `must be one of ${(params['allowedValues'] as string[]).join(', ')}`)
    case 'minLength':
      return fault(
        path,
        params['limit'] === 1 ? 'must not be empty' : `must have at least ${params['limit']} characters`,
      )
    case 'maxLength':
      return fault(path, `must have at most ${params['limit']} characters`)
    case 'minItems':
    case 'maxItems':
      return fault(path, `must have ${keyword === 'minItems' ? 'at least' : 'at most'} ${params['limit']} items`)
    case 'minimum':
    case 'maximum':
      return fault(path, `must be at ${keyword === 'minimum' ? 'least' : 'most'} ${params['limit']}`)
    default:
      return fault(path, 'is not valid')
  }
}

function withArticle(type: string): string {
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`
}

/** A name that the client made up, fit to be shown back to it. */
function shown(name: unknown): string {
  return [...String(name).toWellFormed()].slice(0, 64).join('')
}
