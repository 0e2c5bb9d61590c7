/**
 * A lone surrogate has no UTF-8 form. Encoders replace it with U+FFFD without a word, and then two different
 * identifiers would share one signature.
 */
export function assertWellFormed(name: string, value: unknown): asserts value is string {
  if (typeof value !== 'string') throw new TypeError(`${name} must be a string`)
  if (!value.isWellFormed()) throw new TypeError(`${name} holds a lone surrogate, which has no UTF-8 form`)
}
