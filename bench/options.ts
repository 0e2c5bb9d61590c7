import { parseArgs } from 'node:util'

const ordinary = [
  'verify',
  'keyset',
  'counting',
  'verification',
  'request-verification',
  'latency',
  'batch',
  'token',
  'management',
  'usage',
] as const
/** With a PostgreSQL of their own. */
const ofNodes = ['stores', 'nodes'] as const
/** Stores that take minutes to fill, and processes that take all cores. */
const ofScale = ['scale', 'workers'] as const
/** What becomes of a server in the long run, under too much, and under attack. */
const ofEndurance = ['soak', 'overload', 'hostile'] as const

export const measurementNames = [...ordinary, ...ofNodes, ...ofScale, ...ofEndurance] as const
export type MeasurementName = (typeof measurementNames)[number]

/** What settles a target. */
const ofTargets = [
  ...(['verify', 'keyset', 'verification', 'latency', 'batch', 'nodes', 'scale'] as const),
  ...ofEndurance,
] satisfies readonly MeasurementName[]

export interface Options {
  readonly only: readonly MeasurementName[]
  readonly quick: boolean
  /** In place of the measurements: whether time tells an unknown key from a wrong signature. */
  readonly timing: boolean
  readonly effort: Effort
}

/** How long to look. Medians of more rounds are steadier, not different. */
export interface Effort {
  readonly inProcessRounds: number
  readonly inProcessRoundMs: number
  readonly warmUpMs: number
  readonly loadRounds: number
  readonly loadRoundMs: number
  readonly tokenRoundMs: number
  readonly managementRoundMs: number
  readonly deletesInRound: number
  readonly deleteRounds: number
  /** How often a node is stopped. 0: none is, and none leaves. */
  readonly stops: number
  /** Identity secrets in the stores of `scale`, the first of which is empty. */
  readonly scaleSizes: readonly number[]
  /** Whether on both engines, with all curves; else on SQLite, what has a target. */
  readonly isScaleWhole: boolean
  readonly starts: number
  readonly cachedKeysets: number
  readonly soakWindowMs: number
  /** In tenths. */
  readonly soakWindows: number
  readonly crowdMs: number
  readonly attackRounds: number
  readonly attackRoundMs: number
}

const full: Effort = {
  inProcessRounds: 21,
  inProcessRoundMs: 300,
  warmUpMs: 8000,
  loadRounds: 31,
  loadRoundMs: 1000,
  tokenRoundMs: 600,
  managementRoundMs: 600,
  deletesInRound: 100,
  deleteRounds: 9,
  stops: 5,
  scaleSizes: [0, 10_000, 1_000_000],
  isScaleWhole: true,
  starts: 7,
  cachedKeysets: 100_000,
  soakWindowMs: 10_000,
  soakWindows: 60,
  crowdMs: 10_000,
  attackRounds: 5,
  attackRoundMs: 4000,
}
const quick: Effort = {
  inProcessRounds: 5,
  inProcessRoundMs: 150,
  warmUpMs: 2000,
  loadRounds: 7,
  loadRoundMs: 250,
  tokenRoundMs: 500,
  managementRoundMs: 400,
  deletesInRound: 30,
  deleteRounds: 1,
  stops: 0,
  scaleSizes: [0, 10_000],
  isScaleWhole: false,
  starts: 1,
  cachedKeysets: 5000,
  soakWindowMs: 500,
  soakWindows: 10,
  crowdMs: 2500,
  attackRounds: 1,
  attackRoundMs: 700,
}

/** @throws TypeError in words for the person at the command line */
export function readOptions(argv: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      quick: { type: 'boolean', default: false },
      timing: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true },
    },
  })
  return {
    only: values.only?.map(toMeasurementName) ?? (values.quick ? ofTargets : measurementNames),
    quick: values.quick,
    timing: values.timing,
    effort: values.quick ? quick : full,
  }
}

function toMeasurementName(text: string): MeasurementName {
  const name = measurementNames.find((each) => each === text)
  if (name === undefined) throw new TypeError(`--only takes one of ${measurementNames.join(', ')}`)
  return name
}
