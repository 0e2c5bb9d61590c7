import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { noticeRefusal } from './sessions.ts'

/** The client of the API repeats by itself what may be repeated. */
export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: noticeRefusal }),
  mutationCache: new MutationCache({ onError: noticeRefusal }),
  defaultOptions: {
    queries: { retry: false, staleTime: 5000 },
    // An answer may hold a secret: it is not kept once nobody shows it.
    mutations: { retry: false, gcTime: 0 },
  },
})
