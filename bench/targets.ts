import { type Aim, type Finding, isMet, type Target, type Unit } from './finding.ts'

interface Described {
  readonly what: string
  readonly unit: Unit
  readonly target: Target
}

/** What was promised of Cutover before it was measured. */
const targets: Readonly<Record<Aim, Described>> = {
  verify: ofRatio('verify in process, beside createHmac', { of: 'ratio', atLeast: 2 }),
  'two secrets': ofRatio('verify with two live secrets, beside one', { of: 'ratio', atLeast: 0.5 }),
  verification: ofRatio('POST /v1/verifications, beside bare node:http', { of: 'ratio', atLeast: 0.85 }),
  batch: {
    what: 'a batch of 1000, by a core',
    unit: 'verifications/s',
    target: { of: 'figure', atLeast: 350_000 },
  },
  latency: inMs('p99 at half of the maximum', 2),
  ready: ofRatio('time to ready with 1,000,000 secrets, beside none', { of: 'ratio', atMost: 1.5 }),
  keysets: inMb('memory of 100,000 keysets of two secrets', 160),
  delete: inMs('p99 of DELETE with 3 healthy nodes on PostgreSQL', 100),
  'soak latency': inMs('soak, 10 minutes: p99', 2),
  'soak errors': inRequests('soak: errors'),
  'soak memory': ofRatio('soak: memory at the end, beside that after a minute', { of: 'ratio', atMost: 1.05 }),
  'overload answers': inRequests('overload, 3× the maximum: wrong answers'),
  'overload goodput': ofRatio('overload: answered, beside the maximum', { of: 'ratio', atLeast: 0.5 }),
  'overload memory': inMb('overload: most memory, over that at rest', 400),
  'overload recovery': inMs('overload: until all is well again', 2000),
  hostile: inMs('p99 at half of the maximum while attacked', 10),
}

/** For a finding that settles a target. */
export function aimedAt(aim: Aim): { readonly aim: Aim; readonly target: Target } {
  return { aim, target: targets[aim].target }
}

/** What this run says of each. */
export function settleTargets(findings: readonly Finding[]) {
  return Object.entries(targets).map(([aim, described]) => ({
    ...described,
    findings: findings
      .filter((finding) => finding.aim === aim)
      .map((finding) => ({
        what: finding.subject.what,
        figure: described.target.of === 'ratio' ? finding.ratio : finding.subject.figure,
        reducedTo: finding.reducedTo ?? null,
        met: isMet(finding),
      })),
  }))
}

function ofRatio(what: string, target: Target): Described {
  return { what, unit: 'requests/s', target }
}

function inMs(what: string, atMost: number): Described {
  return { what, unit: 'ms', target: { of: 'figure', atMost } }
}

function inMb(what: string, atMost: number): Described {
  return { what, unit: 'MB', target: { of: 'figure', atMost } }
}

function inRequests(what: string): Described {
  return { what, unit: 'requests', target: { of: 'figure', atMost: 0 } }
}
