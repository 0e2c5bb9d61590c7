import { existsSync, writeFileSync } from 'node:fs'
import type { Environment } from './server-process.ts'

const library = [
  '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1',
  '/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1',
  '/usr/lib64/faketime/libfaketime.so.1',
].find(existsSync)

/** Whether wall clocks can be set here: it takes libfaketime. */
export const canSetClocks = library !== undefined

/** The wall clock of one process, which can be set at any time; its monotonic clock goes on as it was. */
export class WallClock {
  readonly #file: string

  constructor(file: string) {
    this.#file = file
    this.setOff(0)
  }

  get environment(): Environment {
    if (library === undefined) return {}
    return {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_CACHE_DURATION: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    }
  }

  /** By so many seconds; the process sees it within a second. */
  setOff(seconds: number): void {
    writeFileSync(this.#file, `${seconds < 0 ? '' : '+'}${seconds}`)
  }
}

/** A process of which both clocks run at another rate than true time. */
export function atRate(rate: number): Environment {
  return library === undefined || rate === 1 ? {} : { LD_PRELOAD: library, FAKETIME: `+0 x${rate}` }
}
