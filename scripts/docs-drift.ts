import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errorListCodes } from '../packages/contract/src/error-list.ts'
import { problems } from '../packages/contract/src/problem.ts'
import { verificationReasons } from '../packages/contract/src/verifications.ts'
import { SettingsSchema } from '../packages/server/src/config.ts'

/** The pages that say again what the code says. */
export interface Documents {
  readonly configuration: string
  readonly envExample: string
  readonly errors: string
}

interface Setting {
  readonly default?: unknown
  readonly description?: string
}

// Sound: both keywords are JSON Schema's own, so that any schema may have them.
const settings = Object.entries(SettingsSchema.properties) as [name: string, setting: Setting][]

export async function readDocuments(root: string): Promise<Documents> {
  const read = (path: string) => readFile(join(root, path), 'utf8')
  return {
    configuration: await read('docs/configuration.md'),
    envExample: await read('.env.example'),
    errors: await read('docs/errors.md'),
  }
}

/** Every place where a page and the code disagree, in either direction; empty when none does. */
export function docsDrift({ configuration, envExample, errors }: Documents): string[] {
  return [
    ...differences('docs/configuration.md', rows(configuration, 'setting'), settings.map(settingRow)),
    ...differences('.env.example', assignments(envExample), settings.map(commentedAssignment)),
    ...differences('docs/errors.md', rows(section(errors, '`error.list`'), 'code', 2), errorListRows()),
    ...differences('docs/errors.md', rows(section(errors, '`application/problem+json`'), 'code', 2), problemRows()),
    ...differences('docs/errors.md', rows(section(errors, 'Reasons'), 'reason', 1), reasonRows()),
  ]
}

function settingRow([name, setting]: [string, Setting]): string {
  const byDefault = setting.default === undefined ? '' : `\`${setting.default}\``
  return row([`\`${name}\``, byDefault, setting.description ?? ''])
}

function commentedAssignment([name, setting]: [string, Setting]): string {
  return `# ${setting.description}\n#${name}=${setting.default ?? ''}`
}

function errorListRows(): string[] {
  return Object.entries(errorListCodes).flatMap(([code, statuses]) =>
    statuses.map((status) => row([`\`${code}\``, `${status}`])),
  )
}

function problemRows(): string[] {
  return Object.entries(problems).map(([code, { status }]) => row([`\`${code}\``, `${status}`]))
}

function reasonRows(): string[] {
  return [...verificationReasons, 'item_invalid'].map((reason) => row([`\`${reason}\``]))
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

/** The body rows of the table whose first heading is `heading`, with their first `columns` cells or all of them. */
function rows(markdown: string, heading: string, columns?: number): string[] {
  const lines = markdown.split('\n')
  const start = lines.findIndex((line) => line.startsWith(`| ${heading} |`))
  if (start === -1) return []
  const body = lines.slice(start + 2)
  const end = body.findIndex((line) => !line.startsWith('|'))
  return body.slice(0, end === -1 ? undefined : end).map((line) => row(cellsOf(line).slice(0, columns)))
}

function cellsOf(line: string): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())
}

/** The part of a page from one `##` heading to the next. */
function section(markdown: string, heading: string): string {
  const [, ...sections] = markdown.split(/^## /m)
  return sections.find((each) => each.startsWith(`${heading}\n`)) ?? ''
}

/** Each variable with the comment above it, whether it is commented out or not, and whether it has a comment or not. */
function assignments(envExample: string): string[] {
  return envExample.match(/(?:^# .*\n)?^#?[A-Z_]+=.*$/gm) ?? []
}

function differences(path: string, documented: readonly string[], actual: readonly string[]): string[] {
  const lacking = actual.filter((each) => !documented.includes(each))
  const extra = documented.filter((each, index) => !actual.includes(each) || documented.indexOf(each) !== index)
  return [
    ...lacking.map((each) => `${path} lacks:\n  ${each.replaceAll('\n', '\n  ')}`),
    ...extra.map((each) => `${path} has, and the code has not:\n  ${each.replaceAll('\n', '\n  ')}`),
  ]
}

if (import.meta.main) {
  const drift = docsDrift(await readDocuments(join(import.meta.dirname, '..')))
  for (const each of drift) console.error(each)
  process.exitCode = drift.length === 0 ? 0 : 1
}
