import type { Random } from '../../test-support/random.ts'
import type { Subject } from './subjects.ts'

/** So many of those that were revoked last are asked about more often. */
const recent = 12

/** What there is to ask about. */
export class Population {
  readonly live = new Set<Subject>()
  readonly revoked: Subject[] = []

  revoke(subject: Subject): void {
    this.live.delete(subject)
    this.revoked.push(subject)
  }

  pick(random: Random): Subject | undefined {
    const from = random.pick(['live', 'recent', 'recent', 'revoked'])
    if (from === 'live') return anyOf([...this.live], random)
    return anyOf(from === 'recent' ? this.revoked.slice(-recent) : this.revoked, random)
  }
}

function anyOf(subjects: readonly Subject[], random: Random): Subject | undefined {
  return subjects[random.index(subjects.length)]
}
