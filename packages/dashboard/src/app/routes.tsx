import { createHashRouter } from 'react-router'
import { NotFound, RouteFailure } from './route-failure.tsx'
import { Shell } from './shell.tsx'

/** The fragment never reaches a server or its log. Each page is loaded when it is gone to. */
export const router = createHashRouter([
  {
    path: '/',
    element: <Shell />,
    errorElement: <RouteFailure />,
    HydrateFallback: () => null,
    children: [
      { index: true, lazy: () => import('../features/overview/overview.tsx').then(page('Overview')) },
      { path: 'secrets', lazy: () => import('../features/secrets/secrets.tsx').then(page('Secrets')) },
      { path: 'secrets/:id', lazy: () => import('../features/rotation/secret-page.tsx').then(page('SecretPage')) },
      { path: 'try-it', lazy: () => import('../features/try-it/try-it.tsx').then(page('TryIt')) },
      { path: 'integrators', lazy: () => import('../features/integrators/integrators.tsx').then(page('Integrators')) },
      {
        path: 'integrators/:id',
        lazy: () => import('../features/integrators/integrator-page.tsx').then(page('IntegratorPage')),
      },
      {
        path: 'access-tokens',
        lazy: () => import('../features/access-tokens/access-tokens.tsx').then(page('AccessTokens')),
      },
      { path: 'audit-log', lazy: () => import('../features/audit-log/audit-log.tsx').then(page('AuditLog')) },
      { path: 'settings', lazy: () => import('../features/settings/settings.tsx').then(page('Settings')) },
      { path: '*', element: <NotFound /> },
    ],
  },
])

function page<Name extends string>(name: Name) {
  return (module: Readonly<Record<Name, React.ComponentType>>) => ({ Component: module[name] })
}
