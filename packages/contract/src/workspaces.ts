import { type Static, Type } from 'typebox'

const WorkspaceFields = {
  id: Type.String({ pattern: '^ws_[0-9A-Za-z]{20}$', examples: ['ws_17sSKKYRCiSq3s1i3iFD'] }),
  name: Type.String({ minLength: 1, maxLength: 255, examples: ['Acme'] }),
  createdAt: Type.String({ format: 'date-time', examples: ['2026-11-21T12:00:00.000Z'] }),
}

export const Workspace = Type.Object(WorkspaceFields, { title: 'Workspace' })
export type Workspace = Static<typeof Workspace>

export const WorkspaceList = Type.Object(
  {
    data: Type.Array(Workspace),
    nextCursor: Type.Unsafe<string | null>({ type: ['string', 'null'], description: 'null at the end' }),
  },
  { title: 'WorkspaceList' },
)
export type WorkspaceList = Static<typeof WorkspaceList>

export const NameWorkspace = Type.Object(
  {
    name: Type.String({
      description: '1 to 255 characters after trimming, without control characters; returned trimmed',
      examples: ['Acme'],
    }),
  },
  { title: 'NameWorkspace', additionalProperties: false, examples: [{ name: 'Acme' }] },
)
export type NameWorkspace = Static<typeof NameWorkspace>
