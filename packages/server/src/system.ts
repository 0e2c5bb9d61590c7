/** What the rules need from the machine; injected, so that tests of a boundary are exact. */
export interface System {
  /** Unix milliseconds. */
  nowMs(): number
  /** From the system's CSPRNG. */
  randomBytes(length: number): Uint8Array
}
