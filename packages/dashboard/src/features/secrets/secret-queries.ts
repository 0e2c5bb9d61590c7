import type { IdentitySecret } from '@cutover/contract'
import { type UseQueryResult, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type OpenSession, useOpenSession } from '../../app/session-store.ts'
import { tellDone } from '../../ui/tell-done.ts'

const dayMs = 86_400_000

export function useSecrets(state: 'live' | 'all', enabled = true): UseQueryResult<IdentitySecret[]> {
  const { client } = useOpenSession()
  return useQuery({
    queryKey: ['secrets', 'list', state],
    queryFn: () => Array.fromAsync(client.identitySecrets.all({ state })),
    refetchInterval: 30_000,
    enabled,
  })
}

export function useSecret(id: string) {
  const { client } = useOpenSession()
  return useQuery({
    queryKey: ['secrets', 'one', id],
    queryFn: () => client.identitySecrets.read(id),
    refetchInterval: 15_000,
  })
}

export function useVerdict(id: string, options: { readonly enabled?: boolean; readonly staleTime?: number } = {}) {
  const { client } = useOpenSession()
  return useQuery({
    queryKey: ['secrets', 'verdict', id],
    queryFn: () => client.identitySecrets.cutover(id),
    ...options,
  })
}

interface Change {
  readonly call: (client: OpenSession['client']) => Promise<unknown>
  /** In the past tense: `“Spring” is disabled`. */
  readonly done: string
  readonly onDone: () => void
}

/** One change of a secret; everything that is shown of secrets is fetched anew after it. */
export function useSecretChange({ call, done, onDone }: Change) {
  const { client } = useOpenSession()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: () => call(client),
    onSuccess: () => {
      tellDone(done)
      onDone()
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['secrets'] }),
  })
}

export function isOverdue({ rotationDueAt }: { readonly rotationDueAt: string | null }, nowMs = Date.now()): boolean {
  return rotationDueAt !== null && Date.parse(rotationDueAt) <= nowMs
}

export function wasUsedToday({ lastVerifiedAt }: IdentitySecret, nowMs = Date.now()): boolean {
  return lastVerifiedAt !== null && nowMs - Date.parse(lastVerifiedAt) < dayMs
}

export const isLive = ({ state }: IdentitySecret) => state === 'active' || state === 'retiring' || state === 'disabled'
