import { useQuery } from '@tanstack/react-query'
import { useOpenSession } from '../../app/session-store.ts'

export function useIntegrators() {
  const { client } = useOpenSession()
  return useQuery({
    queryKey: ['integrators', 'list'],
    queryFn: () => Array.fromAsync(client.integrators.all()),
    refetchInterval: 30_000,
  })
}

export function useIntegrator(id: string) {
  const { client } = useOpenSession()
  return useQuery({
    queryKey: ['integrators', 'one', id],
    queryFn: () => client.integrators.read(id),
    refetchInterval: 15_000,
  })
}

export function useIntegratorVerdict(id: string, quietSeconds?: number) {
  const { client } = useOpenSession()
  return useQuery({
    queryKey: ['integrators', 'verdict', id, quietSeconds],
    queryFn: () => client.integrators.cutover(id, { quietSeconds }),
    refetchInterval: 5000,
  })
}

export function useIntegratorUsage(id: string) {
  const { client } = useOpenSession()
  return useQuery({
    queryKey: ['integrators', 'usage', id],
    queryFn: () => client.integrators.usage(id, { bucket: 'minute' }),
    refetchInterval: 10_000,
  })
}
