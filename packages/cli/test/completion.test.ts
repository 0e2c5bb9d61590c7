import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { createTemporaryDirectory } from '../../../test-support/temporary-directory.ts'
import { runCutover } from './run-cutover.ts'

const run = promisify(execFile)
const scripts = new Map<string, string>()
beforeAll(async () => {
  for (const shell of ['bash', 'zsh', 'fish']) scripts.set(shell, (await runCutover(['completion', shell])).stdout)
})

/** What bash offers after these words, the last of which is not complete. */
async function offers(...words: string[]): Promise<readonly string[]> {
  const ask = `${scripts.get('bash')}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _cutover
printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout } = await run('bash', ['--norc', '-uc', ask, 'bash', 'cutover', ...words])
  return stdout.split('\n').filter((line) => line !== '')
}

async function has(shell: string): Promise<boolean> {
  return run(shell, ['--version']).then(
    () => true,
    () => false,
  )
}
const [hasBash, hasZsh, hasFish] = await Promise.all(['bash', 'zsh', 'fish'].map(has))

describe.runIf(hasBash)('in bash', () => {
  it.each([
    [[''], ['login', 'secrets', 'tokens', 'audit', 'completion', 'doctor']],
    [
      ['secrets', ''],
      ['list', 'show', 'create', 'edit', 'disable', 'enable', 'retire', 'keep', 'delete', 'restore'],
    ],
    [
      ['secrets', 'create', '--'],
      ['--name', '--web', '--out', '--json', '--help'],
    ],
    [
      ['secrets', 'rename', '--no'],
      ['--no-web', '--no-ios', '--no-android'],
    ],
  ])('%j offers its subcommands and options', async (words, wanted) => {
    expect(await offers(...words)).toEqual(expect.arrayContaining(wanted))
  })

  it('the value of an option is one that it takes, with a space or an equals sign', async () => {
    expect(await offers('diagnose', '--platform', '')).toEqual(['web', 'ios', 'android'])
    expect(await offers('diagnose', '--platform', '=', 'i')).toEqual(['ios'])
    expect(await offers('completion', 'z')).toEqual(['zsh'])
  })

  it('a file is offered where one is meant, also with a space in its name, and nowhere else', async () => {
    await using directory = await createTemporaryDirectory()
    const file = join(directory.path, 'an export.ndjson')
    await writeFile(file, '')
    expect(await offers('audit', 'verify', join(directory.path, 'an'))).toEqual([file])
    expect(await offers('secrets', 'create', '--out', join(directory.path, 'an'))).toEqual([file])
    expect(await offers('secrets', 'show', join(directory.path, 'an'))).toEqual([])
  })

  it('a value that is called like a command does not lead astray', async () => {
    expect(await offers('secrets', 'create', '--name', 'tokens', '--ou')).toEqual(['--out'])
  })

  it('the script can be sourced twice', async () => {
    const { stderr } = await run('bash', ['--norc', '-c', `${scripts.get('bash')}\n${scripts.get('bash')}`])
    expect(stderr).toBe('')
  })
})

it.runIf(hasZsh)('zsh takes the script', async () => {
  await using directory = await createTemporaryDirectory()
  await writeFile(join(directory.path, '_cutover'), scripts.get('zsh') ?? '')
  expect(await run('zsh', ['-n', join(directory.path, '_cutover')])).toEqual({ stdout: '', stderr: '' })
})

it.runIf(hasFish)('fish offers subcommands and options', async () => {
  await using directory = await createTemporaryDirectory()
  const script = join(directory.path, 'cutover.fish')
  await writeFile(script, scripts.get('fish') ?? '')
  const offered = async (line: string) => {
    const { stdout } = await run('fish', ['--no-config', '-c', `source ${script}; complete -C '${line}'`])
    return stdout.split('\n').map((each) => each.split('\t')[0])
  }
  expect(await offered('cutover secrets cr')).toContain('create')
  expect(await offered('cutover secrets create --o')).toContain('--out')
  expect(await offered('cutover diagnose --platform ')).toEqual(expect.arrayContaining(['web', 'ios', 'android']))
})

it('another shell is misuse', async () => {
  const { code, stdout } = await runCutover(['completion', 'tcsh'])
  expect([code, stdout]).toEqual([2, ''])
})
