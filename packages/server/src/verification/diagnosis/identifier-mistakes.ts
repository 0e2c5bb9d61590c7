import type { Finding } from '@cutover/contract'
import type { Note } from './candidate.ts'

/** Who the question is about, as the one who asks has it. */
export interface Identifiers {
  /** What has to be signed. */
  readonly expected: string
  /** The email beside a user id. */
  readonly unused: string | null
}

export interface IdentifierMistake {
  readonly finding: Extract<Finding, `signed_${string}` | 'untrimmed_identifier' | 'case_changed_identifier'>
  readonly note: Note | null
  /** What would have been signed. */
  readonly signed: string
}

const whitespace = [' ', '\n', '\r\n', '\t']

/** Every other identifier that is often signed in place of the expected one. */
export function identifierMistakes({ expected, unused }: Identifiers): readonly IdentifierMistake[] {
  const padded = [...whitespace.flatMap((space) => [expected + space, space + expected]), ` ${expected} `]
  const mistakes: IdentifierMistake[] = [
    ...padded.map((signed) => ({ finding: 'untrimmed_identifier', note: 'whitespace_signed', signed }) as const),
    { finding: 'untrimmed_identifier', note: 'whitespace_sent', signed: expected.trim() },
    { finding: 'case_changed_identifier', note: 'lower_case_signed', signed: expected.toLowerCase() },
    { finding: 'case_changed_identifier', note: 'upper_case_signed', signed: expected.toUpperCase() },
  ]
  if (unused !== null) mistakes.unshift({ finding: confusion(expected, unused), note: null, signed: unused })
  return mistakes.filter(({ signed }) => signed !== expected)
}

/** The mistake by which a token that names `signed` came to be; `null`: none of these. */
export function identifierMistakeBehind(
  identifiers: Identifiers,
  signed: string,
): Omit<IdentifierMistake, 'signed'> | null {
  const { expected, unused } = identifiers
  if (signed === unused) return { finding: confusion(expected, unused), note: null }
  if (signed.trim() === expected.trim()) {
    return { finding: 'untrimmed_identifier', note: signed.trim() === signed ? 'whitespace_sent' : 'whitespace_signed' }
  }
  const isOtherCase = signed.toLowerCase() === expected.toLowerCase()
  return isOtherCase ? { finding: 'case_changed_identifier', note: null } : null
}

/** With an email address in the place of the user id and something else in the place of the email, the two were swapped. */
function confusion(expected: string, unused: string): 'signed_email_not_user_id' | 'signed_user_id_not_email' {
  return expected.includes('@') && !unused.includes('@') ? 'signed_user_id_not_email' : 'signed_email_not_user_id'
}
