import { subgraphContract } from '../subgraph.contract.ts'
import { connectNotes } from '../testkit/remoteNotes.ts'

subgraphContract('called as a function', async ({ subgraph }) => subgraph)
subgraphContract('over HTTP', async (notes) => (await connectNotes(notes)).remote)
