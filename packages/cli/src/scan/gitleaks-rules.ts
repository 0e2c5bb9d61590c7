import { readFile } from 'node:fs/promises'

export function readGitleaksRules(): Promise<string> {
  return readFile(new URL('../../scan-rules/gitleaks.toml', import.meta.url), 'utf8')
}
