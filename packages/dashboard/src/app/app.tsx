import { MantineProvider } from '@mantine/core'
import { ModalsProvider } from '@mantine/modals'
import { Notifications } from '@mantine/notifications'
import { QueryClientProvider } from '@tanstack/react-query'
import { Gate } from './gate.tsx'
import { pageNonce } from './nonce.ts'
import { queryClient } from './query-client.ts'
import { cssVariables, theme } from './theme.ts'

export function App() {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      getStyleNonce={pageNonce}
      deduplicateInlineStyles={false}
    >
      <QueryClientProvider client={queryClient}>
        <ModalsProvider>
          <Notifications position="bottom-right" limit={3} />
          <Gate />
        </ModalsProvider>
      </QueryClientProvider>
    </MantineProvider>
  )
}
