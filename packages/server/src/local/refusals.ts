/** What was asked for cannot be done like this: nothing was done. */
export class Misuse extends Error {
  override readonly name = 'Misuse'
  /** What the user can do, in one line. */
  readonly hint: string | undefined

  constructor(message: string, hint?: string) {
    super(message)
    this.hint = hint
  }
}

/** It would do harm now: nothing was done, and it may be tried again. */
export class GuardRefusal extends Error {
  override readonly name = 'GuardRefusal'
  readonly hint: string | undefined

  constructor(message: string, hint?: string) {
    super(message)
    this.hint = hint
  }
}
