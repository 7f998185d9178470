import type { GatewayPlugin } from '@graphql-hive/gateway-runtime'
import {
  type ASTVisitor,
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  parse,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql'

/** What one operation may ask for. Generous to people and programs, small enough for two cores. */
export const OPERATION_LIMITS = {
  /** Tokens of the document. */
  tokens: 4_000,
  /** Fields below one another. */
  depth: 16,
  /** Fields in all, fragments counted wherever they are spread. */
  fields: 1_000,
  /** Fields renamed, by which one query asks the same thing many times. */
  aliases: 60,
}
export type OperationLimits = typeof OPERATION_LIMITS

/** Bounds operations before they are planned. Verdicts are cached with the document, so a known one costs nothing. */
export function boundedOperations(limits: OperationLimits = OPERATION_LIMITS): GatewayPlugin {
  return {
    onParse({ setParseFn }) {
      setParseFn((source, options) => parse(source, { ...options, maxTokens: limits.tokens }))
    },
    onValidate({ addValidationRule }) {
      addValidationRule((context: ValidationContext) => boundedOperation(context, limits))
    },
  }
}

interface Size {
  depth: number
  fields: number
  aliases: number
}

function boundedOperation(context: ValidationContext, limits: OperationLimits): ASTVisitor {
  const sizes = sizesOf(context.getDocument())
  return {
    OperationDefinition(operation) {
      const size = sizes(operation.selectionSet)
      for (const bound of ['depth', 'fields', 'aliases'] as const) {
        if (size[bound] <= limits[bound]) continue
        const message = `The operation has ${bound} ${size[bound]}; at most ${limits[bound]} are allowed.`
        context.reportError(
          new GraphQLError(message, { nodes: operation, extensions: { code: 'OPERATION_TOO_LARGE' } }),
        )
      }
    },
  }
}

/** Measures selection sets; each fragment once, however often it is spread. */
function sizesOf(document: DocumentNode): (selectionSet: SelectionSetNode) => Size {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition)
  }
  const known = new Map<string, Size>()

  function ofFragment(name: string): Size {
    const size = known.get(name)
    if (size) return size
    known.set(name, NOTHING) // a fragment that spreads itself is another rule's to report
    const fragment = fragments.get(name)
    const measured = fragment ? ofSelections(fragment.selectionSet) : NOTHING
    known.set(name, measured)
    return measured
  }

  function ofSelections({ selections }: SelectionSetNode): Size {
    const total = { ...NOTHING }
    for (const selection of selections) {
      const size = sizeOf(selection)
      total.depth = Math.max(total.depth, size.depth)
      total.fields += size.fields
      total.aliases += size.aliases
    }
    return total
  }

  function sizeOf(selection: SelectionSetNode['selections'][number]): Size {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return ofFragment(selection.name.value)
    const inner = selection.selectionSet ? ofSelections(selection.selectionSet) : NOTHING
    if (selection.kind === Kind.INLINE_FRAGMENT) return inner
    return {
      depth: inner.depth + 1,
      fields: inner.fields + 1,
      aliases: inner.aliases + (selection.alias ? 1 : 0),
    }
  }

  return ofSelections
}

const NOTHING: Size = { depth: 0, fields: 0, aliases: 0 }
