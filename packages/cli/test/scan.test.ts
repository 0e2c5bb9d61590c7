import { appendFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { secretFingerprint, tokenChecksum } from '@cutover/signing'
import { describe, expect, it } from 'vitest'
import { type RunOptions, runCutover } from './run-cutover.ts'
import { ScannedRepository } from './scanned-repository.ts'

const random = 'Zt5jW0mPq8sLr2vKc7xBn4yHd1gFa9eUo3iTw6RzYQX'
const token = `cut_${random.slice(0, 32)}${tokenChecksum(random.slice(0, 32))}`
const integratorSecret = `ints_${random}${tokenChecksum(random)}`

interface Finding {
  readonly kind: string
  readonly in: string
  readonly path: string | null
  readonly line: number | null
  readonly commit: string | null
}

/** Without a server: by prefix and checksum alone. */
async function scan(parameters: readonly string[], options: RunOptions = {}) {
  const { code, stdout, stderr } = await runCutover(['scan', '--offline', '--json', ...parameters], options)
  expect(stdout + stderr).not.toContain(random.slice(0, 8))
  const { findings, scanned } = JSON.parse(stdout) as {
    findings: readonly Finding[]
    scanned: Readonly<Record<string, unknown>>
  }
  return { code, findings, scanned, stderr }
}

const placesOf = (findings: readonly Finding[]) => findings.map(({ path, line }) => `${path}:${line}`).sort()

describe.concurrent('cutover scan, in files', { timeout: 60_000 }, () => {
  it('finds tokens and integrator secrets with file and line, shows little of them, and ends with 1', async () => {
    await using repository = await ScannedRepository.create()
    await repository.write('src/config.ts', `// a\r\nconst token = '${token}'\r\n`)
    await repository.write('env', `SECRET=${integratorSecret}`)
    const ended = await runCutover(['scan', '--offline'], { cwd: repository.path })
    expect(ended.code).toBe(1)
    expect(ended.stdout).toBe(
      [
        `integrator secret ints_Zt5…${integratorSecret.slice(-3)} (${secretFingerprint(integratorSecret)})`,
        '  whether it is still accepted was not asked',
        '  env:1',
        '  next: cutover integrators list',
        '',
        `access token cut_Zt5…${token.slice(-3)} (${secretFingerprint(token)})`,
        '  whether it is still accepted was not asked',
        '  src/config.ts:2',
        '  next: cutover tokens list, then cutover tokens rotate ID',
        '',
        '2 leaked secrets in 2 files, 0.0 MB.',
        '',
      ].join('\n'),
    )
    expect(ended.stderr).toBe(
      'Identity secrets are not looked for: they have no prefix, and Cutover is not asked for their fingerprints.\n' +
        'error: Found 2 leaked secrets\n',
    )
  })

  it('shows ten places of a secret, says how many more there are, and lists all as JSON', async () => {
    await using repository = await ScannedRepository.create()
    await repository.write('a', `${token}\n`.repeat(25))
    const { stdout } = await runCutover(['scan', '--offline'], { cwd: repository.path })
    expect(stdout.split('\n').filter((line) => line.startsWith('  a:'))).toHaveLength(10)
    expect(stdout).toContain('\n  a:10\n  and 15 more: --json lists all\n')
    expect((await scan([], { cwd: repository.path })).findings).toHaveLength(25)
  })

  it('ends with 0 where there is nothing, and passes over what has a wrong checksum', async () => {
    await using repository = await ScannedRepository.create()
    await repository.write('a', `${token.slice(0, -1)}${token.endsWith('0') ? '1' : '0'}`)
    const { code, findings, scanned } = await scan([repository.path])
    expect([code, findings, scanned]).toEqual([
      ...[0, []],
      { files: 1, bytes: 42, binaryFiles: 0, unreadable: [], history: null, identitySecretsLookedFor: false },
    ])
  })

  it('leaves out what git ignores, unless told, or that is what is named', async () => {
    await using repository = await ScannedRepository.create()
    await repository.write('.gitignore', '.env\nbuild\n')
    await repository.write('.env', token)
    await repository.write('build/deep/a', token)
    await repository.write('untracked', token)
    const cwd = repository.path
    expect(placesOf((await scan([], { cwd })).findings)).toEqual(['untracked:1'])
    expect(placesOf((await scan(['--all'], { cwd })).findings)).toEqual(['.env:1', 'build/deep/a:1', 'untracked:1'])
    expect(placesOf((await scan(['.env'], { cwd })).findings)).toEqual(['.env:1'])
    expect(placesOf((await scan(['build'], { cwd })).findings)).toEqual(['build/deep/a:1'])
  })

  it('follows no link, and never looks into .git', async () => {
    await using repository = await ScannedRepository.create()
    const outside = join(dirname(repository.path), 'outside')
    await mkdir(outside)
    await writeFile(join(outside, 'a'), token)
    await symlink(outside, join(repository.path, 'link'))
    await symlink(join(outside, 'a'), join(repository.path, 'file'))
    await repository.write('.git/a', token)
    const cwd = repository.path
    for (const parameters of [[], ['--all']]) {
      const { findings, scanned } = await scan(parameters, { cwd })
      expect([findings, scanned['files'], scanned['unreadable']]).toEqual([[], 0, []])
    }
    // What is named is meant.
    expect((await scan(['file'], { cwd })).code).toBe(1)
  })

  it('reads UTF-16 with a byte order mark, either way around, and no other file with a NUL near its start', async () => {
    await using repository = await ScannedRepository.create()
    const little = Buffer.from(`\ufeffA=1\r\nB=${token}\r\n`, 'utf16le')
    await repository.write('little.env', little)
    await repository.write('big.env', Buffer.from(little).swap16())
    await repository.write('binary', `\0${token}`)
    await repository.write('late', `${' '.repeat(8192)}\0${token}`)
    const { findings, scanned } = await scan([repository.path])
    const at = (name: string, line: number) => `${join(repository.path, name)}:${line}`
    expect(placesOf(findings)).toEqual([at('big.env', 2), at('late', 1), at('little.env', 2)])
    expect(scanned['binaryFiles']).toBe(1)
  })

  it('finds what stands in one long line, at any place of it', async () => {
    await using repository = await ScannedRepository.create()
    const line = 'f(a,b)'.repeat(300_000)
    await repository.write('min.js', `${line}"${token}"${'x'.repeat(1_500_000)}${integratorSecret}${line}`)
    const { findings } = await scan(['min.js'], { cwd: repository.path })
    expect(findings.map(({ kind, line }) => [kind, line])).toEqual([
      ['access_token', 1],
      ['integrator_secret', 1],
    ])
  })

  it('opens files of any name: with line breaks, which it shows as one line, and of bytes that are no UTF-8', async () => {
    await using repository = await ScannedRepository.create()
    await repository.write('two\nlines', token)
    await writeFile(Buffer.concat([Buffer.from(`${repository.path}/`), Buffer.from([0xff, 0x41])]), token)
    const { findings } = await scan([], { cwd: repository.path })
    expect(placesOf(findings)).toEqual(['two\nlines:1', '\u{fffd}A:1'])
    const { stdout } = await runCutover(['scan', '--offline'], { cwd: repository.path })
    expect(stdout).toContain('\n  two\u{fffd}lines:1\n')
  })

  it('looks at everything outside of git, and at repositories within one that is scanned', async () => {
    await using repository = await ScannedRepository.create()
    await repository.write('nested/a', token)
    await repository.git('init', '-q', 'nested')
    const outside = dirname(repository.path)
    await writeFile(join(outside, 'plain'), token)
    expect(placesOf((await scan([], { cwd: repository.path })).findings)).toEqual(['nested/a:1'])
    expect(placesOf((await scan([], { cwd: outside })).findings)).toEqual(['plain:1', 'repository/nested/a:1'])
  })

  it('starts no program that the settings of a repository name', async () => {
    await using repository = await ScannedRepository.create()
    const started = join(dirname(repository.path), 'started')
    const program = join(dirname(repository.path), 'program')
    await writeFile(program, `#!/bin/sh\necho "$@" >> ${started}\n`, { mode: 0o755 })
    await repository.write('a', token)
    await repository.commit()
    const settings = `[core]\n\tfsmonitor = ${program}\n[log]\n\tshowSignature = true\n[gpg]\n\tprogram = ${program}\n`
    await appendFile(join(repository.path, '.git/config'), settings)
    expect((await scan(['--git'], { cwd: repository.path })).code).toBe(1)
    await expect(readFile(started, 'utf8')).rejects.toThrow('ENOENT')
    // git by itself does.
    await repository.git('status')
    await expect(readFile(started, 'utf8')).resolves.not.toBe('')
  })

  it('looks at everything where git is not installed, and says so', async () => {
    await using repository = await ScannedRepository.create()
    await repository.write('.gitignore', '.env\n')
    await repository.write('.env', token)
    const withoutGit = { cwd: repository.path, env: { PATH: '/nonexistent' } }
    const { findings, stderr } = await scan([], withoutGit)
    expect([placesOf(findings), stderr]).toEqual([['.env:1'], expect.stringContaining('git is not installed')])
    const { code, stderr: misuse } = await runCutover(['scan', '--offline', '--git'], withoutGit)
    expect([code, misuse]).toEqual([2, expect.stringContaining('error: git is not installed')])
  })

  it.each([
    [['/nonexistent'], 'cannot be scanned: it does not exist'],
    [['--rules', 'other'], 'Allowed choices are gitleaks'],
    [['--check-tokens'], "cannot be used with option '--check-tokens'"],
  ])('refuses %j as misuse', async (parameters, message) => {
    const { code, stdout, stderr } = await runCutover(['scan', '--offline', ...parameters])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(message)
  })
})

describe.concurrent('cutover scan --git', { timeout: 60_000 }, () => {
  it('names the commit that a secret came with, and the line there, long after it was removed', async () => {
    await using repository = await ScannedRepository.create()
    await repository.write('a.txt', 'harmless\n')
    await repository.commit()
    await repository.write('a.txt', `harmless\n${token}\n`)
    const leak = await repository.commit()
    await repository.write('a.txt', `more\nharmless\n${token}\n`)
    await repository.commit()
    await repository.git('rm', '-q', 'a.txt')
    await repository.commit()
    expect((await scan([], { cwd: repository.path })).findings).toEqual([])
    const { findings, code } = await scan(['--git'], { cwd: repository.path })
    expect([code, findings]).toEqual([
      1,
      [
        expect.objectContaining({
          in: 'history',
          path: 'a.txt',
          line: 2,
          commit: leak,
          committedAt: expect.any(String),
        }),
      ],
    ])
    const { stdout } = await runCutover(['scan', '--offline', '--git'], { cwd: repository.path })
    expect(stdout).toContain(`\n  a.txt:2 since commit ${leak.slice(0, 12)} of 2026-11-21\n`)
  })

  it('tells each file of the history that had it, and whether it is still there', async () => {
    await using repository = await ScannedRepository.create()
    await repository.write('a', token)
    const first = await repository.commit()
    await repository.write('b', `\n${token}`)
    const second = await repository.commit()
    await repository.git('rm', '-q', 'a')
    await repository.commit()
    const { findings } = await scan(['--git'], { cwd: repository.path })
    const found = findings.map(({ in: kind, path, line, commit }) => [kind, path, line, commit])
    expect(found.sort((a, b) => `${a}`.localeCompare(`${b}`))).toEqual([
      ['file', 'b', 2, null],
      ['history', 'a', 1, first],
      ['history', 'b', 2, second],
    ])
  })

  it('looks into the messages of commits and tags', async () => {
    await using repository = await ScannedRepository.create()
    const commit = await repository.commit(`Use ${integratorSecret}`)
    await repository.git('tag', '-a', 'v1', '-m', `Now with ${token}`)
    const tag = await repository.git('rev-parse', 'v1')
    const { findings } = await scan(['--git'], { cwd: repository.path })
    expect(findings).toHaveLength(2)
    expect(findings).toContainEqual(
      expect.objectContaining({ kind: 'integrator_secret', in: 'commit_message', commit, path: null, line: null }),
    )
    expect(findings).toContainEqual(
      expect.objectContaining({ kind: 'access_token', in: 'tag_message', object: tag, commit: null, line: null }),
    )
  })

  it('finds what came with a merge, what was amended away, and what was only staged', async () => {
    await using repository = await ScannedRepository.create()
    await repository.commit()
    await repository.git('checkout', '-q', '-b', 'side')
    await repository.write('side', 'side')
    await repository.commit()
    await repository.git('checkout', '-q', 'main')
    await repository.write('main', 'main')
    await repository.commit()
    await repository.git('merge', '-q', '--no-commit', '--no-ff', 'side')
    await repository.write('merged', token)
    const merge = await repository.commit()
    await repository.git('rm', '-q', 'merged')
    await repository.commit()
    await repository.write('amended', integratorSecret)
    const amended = await repository.commit()
    await repository.git('rm', '-q', '--cached', 'amended')
    await repository.write('amended', 'harmless')
    await repository.git('add', 'amended')
    await repository.git('commit', '-q', '--amend', '-m', 'Amended')
    await repository.write('staged', `\n\n${integratorSecret}`)
    await repository.git('add', 'staged')
    await repository.git('rm', '-q', '--cached', '-f', 'staged')
    await repository.write('staged', 'harmless')
    const { findings } = await scan(['--git'], { cwd: repository.path })
    const found = findings.map(({ path, line, commit }) => [path, line, commit])
    expect(found).toHaveLength(3)
    expect(found).toEqual(
      expect.arrayContaining([
        ['merged', 1, merge],
        ['amended', 1, amended],
        [null, 3, null],
      ]),
    )
  })

  it('reads a bare clone, a linked worktree, and a repository without a commit', async () => {
    await using repository = await ScannedRepository.create()
    expect((await scan(['--git'], { cwd: repository.path })).code).toBe(0)
    await repository.write('a', token)
    const commit = await repository.commit()
    await repository.git('rm', '-q', 'a')
    await repository.commit()
    await repository.git('clone', '-q', '--bare', '.', '../bare')
    await repository.git('worktree', 'add', '-q', '--detach', '../linked')
    for (const name of ['bare', 'linked']) {
      const { findings } = await scan(['--git', join(dirname(repository.path), name)])
      expect(findings.map(({ path, line, commit }) => [path, line, commit])).toEqual([['a', 1, commit]])
    }
  })

  it('warns of what it cannot see: the rest of a shallow clone, the history of a submodule, a bare one without --git', async () => {
    await using repository = await ScannedRepository.create()
    await repository.write('a', token)
    await repository.commit()
    await repository.git('rm', '-q', 'a')
    await repository.commit()
    await repository.git('clone', '-q', '--depth', '1', `file://${repository.path}`, '../shallow')
    const around = dirname(repository.path)
    const shallow = await scan(['--git'], { cwd: join(around, 'shallow') })
    expect([shallow.code, shallow.stderr]).toEqual([0, expect.stringContaining('this clone is shallow')])
    await repository.git(
      '-c',
      'protocol.file.allow=always',
      'submodule',
      'add',
      '-q',
      join(around, 'shallow'),
      'module',
    )
    const parent = await scan(['--git'], { cwd: repository.path })
    expect(parent.stderr).toContain('warning: module is a repository of its own')
    await repository.git('clone', '-q', '--bare', '.', '../bare')
    expect((await scan([join(around, 'bare')])).stderr).toContain('is the inside of a git repository: --git looks')
  })

  it('is misuse outside of a repository', async () => {
    await using repository = await ScannedRepository.create()
    const { code, stderr } = await runCutover(['scan', '--offline', '--git'], { cwd: dirname(repository.path) })
    expect([code, stderr]).toEqual([2, expect.stringContaining('has no history that git can read')])
  })
})
