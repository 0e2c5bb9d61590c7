import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { completedCommands } from '../src/completion/completed-commands.ts'
import { exitCodes } from '../src/exit-codes.ts'
import { buildProgram } from '../src/program.ts'

const page = await readFile(join(import.meta.dirname, '../../../docs/cli.md'), 'utf8')
const commands = completedCommands(buildProgram(process))
const groups = ['secrets', 'tokens', 'integrators', 'audit', 'settings', 'workspaces']

describe('docs/cli.md', () => {
  it('lists each exit code', () => {
    const listed = [...page.matchAll(/^\| (\d+) \| /gm)].map(([, code]) => Number(code))
    expect(listed).toEqual(Object.values(exitCodes))
  })

  it('names every command that there is', () => {
    const names = commands.map(({ path }) => path.trim()).filter((path) => /^[a-z-]+$/.test(path))
    expect(names.filter((name) => name !== 'help' && !page.includes(`cutover ${name}`))).toEqual([])
  })

  it.each(groups)('shows each subcommand of %s, under the name that it has', (group) => {
    const { subcommands = [] } = commands.find(({ path }) => path === ` ${group}`) ?? {}
    const shown = [...page.matchAll(new RegExp(`^cutover ${group} (\\w+)`, 'gm'))].map(([, name]) => name)
    expect([...new Set(shown)].sort()).toEqual(subcommands.map(({ name }) => name).sort())
  })

  it.each(groups)('names no option of %s that there is none of', (group) => {
    for (const [line, name] of page.matchAll(new RegExp(`^cutover ${group} (\\w+).*$`, 'gm'))) {
      const { options = [] } = commands.find(({ path }) => path === ` ${group} ${name}`) ?? {}
      const known = options.map((option) => option.name)
      expect([
        line,
        [...line.matchAll(/--[a-z-]+/g)].map(([option]) => option).filter((each) => !known.includes(each)),
      ]).toEqual([line, []])
    }
  })
})
