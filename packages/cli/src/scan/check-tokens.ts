import { ApiError, CutoverClient } from '@cutover/client'
import type { AccessToken, Health } from '@cutover/contract'
import { collect } from '../collect.ts'
import type { Connection } from '../connection.ts'

export type TokenAnswer =
  | { readonly accepted: false }
  | { readonly accepted: true; readonly name: string; readonly id: string | null }

/** Asks Cutover with each token whether it is accepted: the one place where something that was found is sent. */
export async function checkTokens(
  { baseUrl, client }: Connection,
  tokens: readonly string[],
): Promise<ReadonlyMap<string, TokenAnswer>> {
  const answers = new Map<string, TokenAnswer>()
  const listed = tokens.length === 0 ? [] : await listTokens(client)
  for (const token of tokens) answers.set(token, await ask(baseUrl, token, listed))
  return answers
}

async function ask(baseUrl: string, token: string, listed: readonly AccessToken[]): Promise<TokenAnswer> {
  try {
    const health = await new CutoverClient({ baseUrl, token }).health()
    return { accepted: true, name: health.tokenName, id: idOf(health, listed) }
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return { accepted: false }
    throw error
  }
}

/** A token does not tell its id. Where all that it tells fits two tokens, or none, the user has to choose: `null`. */
function idOf({ tokenName, scopes, expiresAt, environment }: Health, listed: readonly AccessToken[]): string | null {
  const told = JSON.stringify([tokenName, [...scopes].sort(), expiresAt, environment])
  const [one, ...others] = listed.filter(
    (each) => JSON.stringify([each.name, [...each.scopes].sort(), each.expiresAt, each.environment]) === told,
  )
  return one && others.length === 0 ? one.id : null
}

async function listTokens(client: CutoverClient): Promise<readonly AccessToken[]> {
  try {
    return await collect(client.accessTokens.all())
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return []
    throw error
  }
}
