import { type DisplayName, parseDisplayName } from '../../display-name.ts'
import { Refusal } from '../refusal.ts'

/** The field `name` of a native body. */
export function parseNameField(text: string): DisplayName {
  const parsed = parseDisplayName(text)
  if ('name' in parsed) return parsed.name
  const message = parsed.fault === 'missing' ? 'name is required' : 'name is invalid'
  throw new Refusal('fields_invalid', { faults: [{ field: 'name', message, isTypeMismatch: false }] })
}
