import type { Scope } from '@cutover/contract'
import { presets, scopeNames } from '../../vocabulary.ts'

/** The preset that holds the same scopes, `everything`, or the scopes. */
export function scopesInWords(scopes: readonly Scope[]): string {
  if (scopeNames.every((name) => scopes.includes(name))) return 'everything'
  return Object.entries(presets).find(([, preset]) => isSame(preset, scopes))?.[0] ?? scopes.join(' ')
}

function isSame(preset: readonly Scope[], scopes: readonly Scope[]): boolean {
  return preset.length === scopes.length && preset.every((each) => scopes.includes(each))
}
