import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { showProgress } from './progress.ts'

function watched(isTTY: boolean) {
  const stderr = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY })
  const clock = { nowMs: 0 }
  const progress = showProgress({ stderr }, 'Copying', () => clock.nowMs)
  const at = (nowMs: number, done: number) => {
    clock.nowMs = nowMs
    progress.at(done, 200)
    return stderr.read()
  }
  const end = () => {
    progress.end()
    return stderr.read()
  }
  return { at, end }
}

describe('progress', () => {
  it('says nothing of what takes a second, and then a line every five where nobody watches', () => {
    const { at, end } = watched(false)
    expect([at(0, 0), at(999, 50)]).toEqual([null, null])
    expect([at(1000, 51), at(5999, 90), at(6000, 199)]).toEqual(['Copying: 25 %\n', null, 'Copying: 99 %\n'])
    expect(end()).toBe(null)
  })

  it('draws a bar on a terminal, and takes it away at the end', () => {
    const { at, end } = watched(true)
    expect([at(0, 0), at(1000, 100)]).toEqual([
      null,
      '\r'.concat('Copying [###############...............] 50 %', '\u001b[K'),
    ])
    expect([at(1099, 101), at(1100, 200)]).toEqual([
      null,
      '\r'.concat('Copying [##############################] 100 %', '\u001b[K'),
    ])
    expect(end()).toBe('\r\u001b[K')
    expect(end()).toBe(null)
  })
})
