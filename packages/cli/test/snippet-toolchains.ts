import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { SnippetKind, SnippetLanguage } from '../src/snippets.ts'
import { snippetUrl } from '../src/snippets.ts'
import { runProgram } from './run-program.ts'

interface Toolchain {
  /** What has to be on PATH. */
  readonly programs: readonly string[]
  /** The command that runs a program of which `file` is the source. */
  run(file: string, kind: SnippetKind, directory: string): readonly string[]
  /** Has to come before it, once. */
  compile?(file: string, directory: string): readonly string[]
}

const interpreted = (program: string): Toolchain => ({ programs: [program], run: (file) => [program, file] })

const javaClasses: Readonly<Record<SnippetKind, string>> = {
  'user-hash': 'UserHash',
  jwt: 'UserJwt',
  request: 'SignedHeaders',
}

const toolchains: Readonly<Record<SnippetLanguage, Toolchain>> = {
  node: interpreted('node'),
  python: interpreted('python3'),
  ruby: interpreted('ruby'),
  php: interpreted('php'),
  go: {
    programs: ['go'],
    compile: (file, directory) => ['go', 'build', '-o', join(directory, 'program'), file],
    run: (_file, _kind, directory) => [join(directory, 'program')],
  },
  java: {
    programs: ['java', 'javac'],
    compile: (file, directory) => ['javac', '-d', directory, file],
    run: (_file, kind, directory) => [
      'java',
      '-XX:TieredStopAtLevel=1',
      '-Xshare:auto',
      '-cp',
      directory,
      javaClasses[kind],
    ],
  },
  bash: { programs: ['bash', 'openssl', 'od'], run: (file) => ['bash', file] },
  perl: interpreted('perl'),
}

/** The programs of a language that are not on this machine. */
export function missingPrograms(language: SnippetLanguage): readonly string[] {
  return toolchains[language].programs.filter((program) => !isOnPath(program))
}

/** Makes a snippet ready to run, in a directory that is empty. @returns its command line */
export async function prepareSnippet(
  language: SnippetLanguage,
  kind: SnippetKind,
  directory: string,
): Promise<readonly string[]> {
  const { run, compile } = toolchains[language]
  const file = fileURLToPath(snippetUrl(language, kind))
  if (compile) {
    const { code, stderr } = await runProgram(compile(file, directory), { cwd: directory })
    if (code !== 0) throw new Error(`${language} does not compile: ${stderr}`)
  }
  return run(file, kind, directory)
}

function isOnPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
