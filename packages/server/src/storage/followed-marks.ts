import type { RevocationMark } from '../cluster/ports.ts'
import type { MarkFile } from './mark-file.ts'

/**
 * Remembers, behind everything else, what other nodes have changed: they answer for it, and remember it before that. So
 * that a start of this node with an older store is refused too, wherever the change was made.
 */
export class FollowedMarks {
  readonly #marks: Pick<MarkFile, 'remembers' | 'appendLater'>
  readonly #onFailure: (error: unknown) => void
  #newest: RevocationMark | null = null
  #writing: Promise<void> | null = null
  #isFailing = false

  /** `onFailure`: told once until a mark is written again. */
  constructor(marks: Pick<MarkFile, 'remembers' | 'appendLater'>, onFailure: (error: unknown) => void) {
    this.#marks = marks
    this.#onFailure = onFailure
  }

  /** Of those that come while one is written only the newest is. */
  note(mark: RevocationMark): void {
    this.#newest = mark
    this.#writing ??= this.#write()
  }

  /** Resolves when everything noted until now is on disk, or has failed. */
  async settled(): Promise<void> {
    await this.#writing
  }

  async #write(): Promise<void> {
    // What is noted in this same turn comes first; and what this returns is kept before it has ended.
    await Promise.resolve()
    for (let mark = this.#takeNewest(); mark; mark = this.#takeNewest()) {
      if (this.#marks.remembers(mark.epoch)) continue
      try {
        await this.#marks.appendLater(mark)
        this.#isFailing = false
      } catch (error) {
        if (!this.#isFailing) this.#onFailure(error)
        this.#isFailing = true
      }
    }
    this.#writing = null
  }

  #takeNewest(): RevocationMark | null {
    const mark = this.#newest
    this.#newest = null
    return mark
  }
}
