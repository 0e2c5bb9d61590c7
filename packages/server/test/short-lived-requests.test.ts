import { execFile } from 'node:child_process'
import { expect, it } from 'vitest'
import { startedFrom } from '../../../test-support/programs.ts'

/** At the end of a process: of what is made where everything stayed alive before, how much is young in a thousand. */
const probe = `
  process.on('exit', () => {
    const kept = []
    const make = (value) => [value, value]
    const fill = () => { for (let index = 0; index < 20_000; index += 1) kept.push(make(index)) }
    for (let round = 0; round < 100; round += 1) fill()
    let young = 0
    for (let index = 0; index < 1000; index += 1) if (%InYoungGeneration(make(index))) young += 1
    console.log(young)
  })`

function youngAtTheEndOf(script: readonly string[]): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  const flags = ['--allow-natives-syntax', '--import', `data:text/javascript,${encodeURIComponent(probe)}`]
  execFile(process.execPath, [...flags, ...script], (_error, stdout) => resolve(stdout.trim()))
  return promise
}

it('what a server makes is young, also where it made what stays; of other processes it is old', async () => {
  const { flags, script } = startedFrom('server')
  expect(await youngAtTheEndOf([...flags, script, '--no-such-parameter'])).toBe('1000')
  expect(await youngAtTheEndOf(['--eval', ''])).toBe('0')
})
