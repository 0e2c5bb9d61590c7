import type { DatabaseSync } from 'node:sqlite'
import type { SampleWorkspace } from './sample-workspace.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

type Platform = 'web' | 'ios' | 'android' | 'requests'

/** Writes what would have been counted if all this had gone on for months. */
export function writeHistory(database: DatabaseSync, sample: SampleWorkspace, nowMs: number): void {
  age(database, sample, nowMs)
  for (const [minute, start] of lastMinutes(nowMs).entries()) {
    const moved = 1 / (1 + Math.exp(-(minute - 34) / 7))
    const traffic = 190 + 40 * Math.sin(minute / 9) + ripple(minute) * 24
    for (const [platform, part] of [
      ['web', 0.5],
      ['ios', 0.32],
      ['android', 0.18],
    ] as const) {
      count(database, sample.old.id, start, platform, traffic * part * (1 - moved))
      count(database, sample.successor.id, start, platform, traffic * part * moved)
    }
    count(database, sample.quietSuccessor.id, start, 'web', 14 + ripple(minute) * 5)
    count(database, sample.portal.id, start, 'web', 31 + ripple(minute + 3) * 9)
  }
  countIntegrator(database, sample, nowMs)
  countDay(database, nowMs)
  use(database, sample.old.id, nowMs - 300 * dayMs, nowMs - 4000)
  use(database, sample.successor.id, nowMs - hourMs, nowMs - 1000)
  use(database, sample.quiet.id, nowMs - 400 * dayMs, nowMs - 3 * hourMs)
  use(database, sample.quietSuccessor.id, nowMs - dayMs, nowMs - 1000)
  use(database, sample.portal.id, nowMs - 80 * dayMs, nowMs - 2000)
  nameSources(database, sample, nowMs)
}

function age(database: DatabaseSync, sample: SampleWorkspace, nowMs: number): void {
  const days: readonly [string, number][] = [
    [sample.old.id, 214],
    [sample.quiet.id, 402],
    [sample.portal.id, 80],
    [sample.quietSuccessor.id, 6],
    [sample.successor.id, 1],
  ]
  const statement = database.prepare('UPDATE signing_secrets SET created_at = ?, tracked_since = ? WHERE id = ?')
  for (const [id, each] of days) statement.run(nowMs - each * dayMs, nowMs - each * dayMs, Number(id))
  database.prepare('UPDATE access_tokens SET created_at = ? WHERE name != ?').run(nowMs - 47 * dayMs, 'CI')
  const uses = 'INSERT OR REPLACE INTO access_token_uses SELECT id, ?, ? FROM access_tokens WHERE name = ?'
  database.prepare(uses).run('verify', nowMs - minuteMs, 'billing-service')
  database.prepare(uses).run('read_secure_mode_secret', nowMs - 2 * dayMs, 'rotation job')
}

function count(database: DatabaseSync, id: string, start: number, platform: Platform, value: number): void {
  const whole = Math.round(value)
  if (whole < 1) return
  const statement = database.prepare(
    `INSERT INTO usage_counts (secret_id, span_minutes, start, platform, count) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (secret_id, span_minutes, start, platform) DO UPDATE SET count = count + excluded.count`,
  )
  statement.run(Number(id), 1, start, platform, whole)
  statement.run(Number(id), 60, start - (start % hourMs), platform, whole)
  statement.run(Number(id), 1440, start - (start % dayMs), platform, whole)
}

function use(database: DatabaseSync, id: string, firstAt: number, lastAt: number): void {
  const text = 'INSERT OR REPLACE INTO secret_uses (secret_id, first_at, last_at) VALUES (?, ?, ?)'
  database.prepare(text).run(Number(id), firstAt, lastAt)
}

function nameSources(database: DatabaseSync, { old, successor }: SampleWorkspace, nowMs: number): void {
  const text = 'INSERT OR REPLACE INTO usage_sources (secret_id, source, count, last_seen_at) VALUES (?, ?, ?, ?)'
  const statement = database.prepare(text)
  const sources: readonly [string, number, number][] = [
    ['ios/4.1.0', 48_211, 4],
    ['android/7.3.2', 20_377, 31],
    ['billing-service', 9120, 22 * 60],
    ['web/checkout', 151_004, 34 * 60],
    ['ios/4.0.2', 811, 51 * 60],
  ]
  for (const [source, uses, secondsAgo] of sources) {
    statement.run(Number(old.id), source, uses, nowMs - secondsAgo * 1000)
    statement.run(Number(successor.id), source, uses, nowMs - 1000)
  }
  statement.run(Number(old.id), '', 4012, nowMs - 26 * minuteMs)
}

function countIntegrator(database: DatabaseSync, { integrator }: SampleWorkspace, nowMs: number): void {
  const rows = database.prepare('SELECT id FROM signing_secrets WHERE integrator_id = ? ORDER BY id').all(integrator.id)
  const [old, current] = rows.map(({ id }) => String(id))
  if (old === undefined || current === undefined) throw new Error('The integrator has no two secrets')
  for (const [minute, start] of lastMinutes(nowMs).entries()) {
    count(database, minute < 41 ? old : current, start, 'requests', 9 + ripple(minute) * 6)
  }
  use(database, old, nowMs - 9 * dayMs, nowMs - 19 * minuteMs)
  use(database, current, nowMs - 19 * minuteMs, nowMs - 5000)
}

function countDay(database: DatabaseSync, nowMs: number): void {
  const { id } = database.prepare('SELECT id FROM workspaces').get() as { id: string } // sound: the only column
  const statement = database.prepare(
    'INSERT OR REPLACE INTO verification_outcomes (workspace_id, start, platform, outcome, count) VALUES (?, ?, ?, ?, ?)',
  )
  const parts = { web: 7400, ios: 4300, android: 2100 }
  for (let hour = 0; hour < 24; hour += 1) {
    const start = nowMs - (nowMs % hourMs) - (23 - hour) * hourMs
    const passed = hour === 23 ? (nowMs % hourMs) / hourMs : 1
    const level = passed * (0.62 + 0.38 * Math.sin((hour - 5) / 3.9) + ripple(hour) * 0.05)
    for (const [platform, most] of Object.entries(parts)) {
      const write = (outcome: string, value: number) => {
        if (value >= 1) statement.run(id, start, platform, outcome, Math.round(value))
      }
      write('verified', most * level)
      write('unsigned', platform === 'web' ? 20 * level : most * level * 0.09)
      write('mismatch', most * level * (hour === 16 ? 0.11 : 0.006))
      write('jwt_expired', platform === 'ios' ? most * level * 0.014 : 0)
    }
  }
}

/** Alike from run to run. */
const ripple = (step: number) => Math.sin(step * 2.7) * Math.cos(step * 1.3)

function lastMinutes(nowMs: number): readonly number[] {
  return Array.from({ length: 60 }, (_, index) => nowMs - (nowMs % minuteMs) - (59 - index) * minuteMs)
}
