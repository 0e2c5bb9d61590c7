import { describe, expect, it } from 'vitest'
import { DomainError } from './domain-error.ts'
import { LookupPool } from './lookup-pool.ts'

describe('the lookup pool', () => {
  it('runs a few at a time, in the order they came, and refuses what would wait too long', async () => {
    const pool = new LookupPool({ running: 2, waiting: 3 })
    const started: number[] = []
    const finish: (() => void)[] = []
    const lookUp = (id: number) =>
      pool.run(async () => {
        started.push(id)
        await new Promise<void>((resolve) => finish.push(resolve))
        return id
      })
    const five = [0, 1, 2, 3, 4].map(lookUp)
    await expect(lookUp(5)).rejects.toEqual(new DomainError('too_many_lookups'))
    expect(started).toEqual([0, 1])
    finish[0]?.()
    expect(await five[0]).toBe(0)
    expect(started).toEqual([0, 1, 2])
    for (const id of [1, 2, 3, 4]) {
      await expect.poll(() => finish.length).toBeGreaterThan(id)
      finish[id]?.()
    }
    expect(await Promise.all(five)).toEqual([0, 1, 2, 3, 4])
  })

  it('goes on after a lookup that failed', async () => {
    const pool = new LookupPool({ running: 1, waiting: 1 })
    await expect(pool.run(() => Promise.reject(new Error('no store')))).rejects.toThrow('no store')
    expect(await pool.run(async () => 7)).toBe(7)
  })
})
