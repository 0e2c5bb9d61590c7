import { misused } from './failure.ts'

/** A user id or an email, signed as it is: what the command line could not hand over unharmed is refused. */
export function parseIdentifier(text: string): string {
  if (text === '') throw misused('The user id or email is empty', { hint: 'is the variable set that it comes from?' })
  // Node puts U+FFFD where an argument is not UTF-8: two different ids would share one signature.
  if (text.includes('\u{fffd}')) throw misused('The user id or email is not UTF-8, or holds U+FFFD')
  return text
}
