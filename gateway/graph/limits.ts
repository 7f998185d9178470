import type { GatewayPlugin } from '@graphql-hive/gateway-runtime'
import {
  type ASTNode,
  type ASTVisitor,
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  parse,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql'

import { nestsDeeper } from '../nesting.ts'

/** What one operation may ask for. Generous to people and programs, small enough for two cores. */
export const OPERATION_LIMITS = {
  /** Tokens of the document. */
  tokens: 2_000,
  /** Fields below one another. */
  depth: 16,
  /** Braces and brackets below one another, in arguments as well. */
  nesting: 100,
  /** Fields in all, fragments counted wherever they are spread. */
  fields: 1_000,
  /** Fields renamed, by which one query asks the same thing many times. */
  aliases: 60,
  /** Fields of the root: each is a question, or a change, of its own. */
  rootFields: 40,
  /** Directives, wherever they stand. */
  directives: 50,
  /** Objects that it may have to make, see cost.ts. Known only together with the variables, so it is checked as the operation begins. */
  cost: 20_000,
}
/** Characters of a document: the runtime keeps the last thousand of them, good or bad, for an hour. */
export const MAX_DOCUMENT_LENGTH = 50_000
/** What is longer is kept without the places of its parts, which take most of the memory. */
const PLACED_LENGTH = 4_000
export type OperationLimits = typeof OPERATION_LIMITS

/** Bounds operations before they are planned. Verdicts are cached with the document, so a known one costs nothing. */
export function boundedOperations(limits: OperationLimits = OPERATION_LIMITS): GatewayPlugin {
  return {
    onParse({ setParseFn }) {
      setParseFn((source, options) => {
        if (nestsDeeper(String(source.body ?? source), limits.nesting))
          throw new GraphQLError(`The document nests deeper than ${limits.nesting} levels.`)
        const noLocation = String(source.body ?? source).length > PLACED_LENGTH
        return parse(source, { ...options, maxTokens: limits.tokens, noLocation })
      })
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
  rootFields: number
}

function boundedOperation(context: ValidationContext, limits: OperationLimits): ASTVisitor {
  const sizes = sizesOf(context.getDocument())
  let directives = 0
  return {
    OperationDefinition(operation) {
      const size = sizes(operation.selectionSet)
      for (const bound of ['depth', 'fields', 'aliases', 'rootFields'] as const) {
        if (size[bound] > limits[bound]) context.reportError(tooLarge(bound, size[bound], limits[bound], operation))
      }
    },
    Directive() {
      directives += 1
    },
    Document: {
      leave(document) {
        if (directives > limits.directives)
          context.reportError(tooLarge('directives', directives, limits.directives, document))
      },
    },
  }
}

/** @param actual how many there are of what is bounded */
export function tooLarge(bound: keyof OperationLimits, actual: number, limit: number, nodes?: ASTNode): GraphQLError {
  return new GraphQLError(`The operation has ${bound} ${actual}; at most ${limit} are allowed.`, {
    nodes: nodes ?? null,
    extensions: { code: 'OPERATION_TOO_LARGE' },
  })
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
      total.rootFields += size.rootFields
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
      rootFields: 1, // of the selection it stands in; what is below it does not count
    }
  }

  return ofSelections
}

const NOTHING: Size = { depth: 0, fields: 0, aliases: 0, rootFields: 0 }
