import type { Candidate, CandidateKind } from './find-candidates.ts'

/** Where a secret stands. */
export interface Place {
  readonly in: 'file' | 'history' | 'commit_message' | 'tag_message'
  /** Below the scanned directory for a file, from the top of the repository in its history; `null`: no commit has it. */
  readonly path: string | null
  readonly line: number | null
  /** The first commit that has it there. */
  readonly commit: string | null
  readonly committedAt: string | null
  /** The blob or tag that holds it. */
  readonly object: string | null
}

export interface FoundSecret {
  readonly kind: CandidateKind
  readonly text: string
  readonly places: readonly Place[]
}

/** What was found, by secret: one in a hundred versions of a file is one secret to rotate. */
export class Findings {
  readonly #isSecret: (candidate: Candidate) => boolean
  readonly #byText = new Map<string, FoundSecret & { readonly places: Place[] }>()

  constructor(isSecret: (candidate: Candidate) => boolean) {
    this.#isSecret = isSecret
  }

  add(candidate: Candidate, place: Omit<Place, 'line'>): void {
    const { kind, text, line } = candidate
    if (!this.#isSecret(candidate)) return
    const known = this.#byText.get(text)
    const here = { ...place, line: place.in === 'file' || place.in === 'history' ? line : null }
    if (known) known.places.push(here)
    else this.#byText.set(text, { kind, text, places: [here] })
  }

  secrets(): readonly FoundSecret[] {
    return [...this.#byText.values()]
  }
}
