import { InvalidArgumentError } from 'commander'

/** For options that take a duration. What is too long or too short, the server says. */
export function parseSeconds(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It is a whole number of seconds.')
  return Number(text)
}
