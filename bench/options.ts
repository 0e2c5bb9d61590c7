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
/** With a PostgreSQL of their own: only where they are asked for. */
const ofNodes = ['stores', 'nodes'] as const
/** Stores that take minutes to fill, and processes that take all cores: only by name. */
const ofScale = ['scale', 'workers'] as const

export const measurementNames = [...ordinary, ...ofNodes, ...ofScale] as const
export type MeasurementName = (typeof measurementNames)[number]

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
  readonly stops: number
  /** Identity secrets in the stores of `scale`, the first of which is empty. */
  readonly scaleSizes: readonly number[]
  readonly starts: number
  readonly cachedKeysets: number
}

const full: Effort = {
  inProcessRounds: 21,
  inProcessRoundMs: 300,
  warmUpMs: 8000,
  loadRounds: 9,
  loadRoundMs: 4000,
  tokenRoundMs: 2000,
  managementRoundMs: 2000,
  deletesInRound: 100,
  stops: 5,
  scaleSizes: [0, 10_000, 1_000_000],
  starts: 7,
  cachedKeysets: 100_000,
}
const quick: Effort = {
  inProcessRounds: 7,
  inProcessRoundMs: 150,
  warmUpMs: 4000,
  loadRounds: 5,
  loadRoundMs: 1500,
  tokenRoundMs: 500,
  managementRoundMs: 400,
  deletesInRound: 30,
  stops: 2,
  scaleSizes: [0, 10_000, 100_000],
  starts: 3,
  cachedKeysets: 20_000,
}

/** @throws TypeError in words for the person at the command line */
export function readOptions(argv: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      quick: { type: 'boolean', default: false },
      timing: { type: 'boolean', default: false },
      nodes: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true },
    },
  })
  return {
    only: (values.only ?? (values.nodes ? [...ordinary, ...ofNodes] : ordinary)).map(toMeasurementName),
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
