using Factory.Core.Architecture;
using Factory.Core.Architecture.Methods;

namespace Factory.Tests;

/// <summary>Shapes of tiny models.</summary>
public static class TestModel
{
    /// <summary>3 blocks, 4 query heads on 2 key/value heads, heads * headSize not equal to hidden, LNS.</summary>
    public static LlamaArchitecture Tiny { get; } = new()
    {
        VocabularySize = 61,
        HiddenSize = 20,
        IntermediateSize = 28,
        BlockCount = 3,
        Heads = 4,
        KeyValueHeads = 2,
        HeadSize = 8,
        MaxPositions = 48,
        NormScheme = NormSchemes.Lns,
    };
}
