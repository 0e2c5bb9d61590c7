import { readFile } from 'node:fs/promises'

/** The languages that there is a program in, each with the ending of its file's name. */
const endings = {
  node: 'mjs',
  python: 'py',
  ruby: 'rb',
  php: 'php',
  go: 'go',
  java: 'java',
  bash: 'sh',
  perl: 'pl',
} as const

export type SnippetLanguage = keyof typeof endings

// Sound: the object above has no other keys.
export const snippetLanguages = Object.keys(endings) as SnippetLanguage[]

export const snippetKinds = ['user-hash', 'jwt', 'request'] as const

export type SnippetKind = (typeof snippetKinds)[number]

export function snippetUrl(language: SnippetLanguage, kind: SnippetKind): URL {
  return new URL(`../snippets/${kind}/${language}.${endings[language]}`, import.meta.url)
}

/** A program of its own: nothing is filled in, so that it holds no secret. */
export function readSnippet(language: SnippetLanguage, kind: SnippetKind): Promise<string> {
  return readFile(snippetUrl(language, kind), 'utf8')
}
