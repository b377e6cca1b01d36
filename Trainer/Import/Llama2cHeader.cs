using System.Buffers.Binary;
using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Architecture.Methods;

namespace Factory.Trainer.Import;

/// <summary>
/// The 28 bytes in front of a llama2.c file, version 0: dim, hidden_dim, n_layers, n_heads, n_kv_heads, vocab_size, seq_len as int32,
/// little-endian. A negative vocab_size says that the classifier has its own weights (export.py, legacy_export).
/// </summary>
internal static class Llama2cHeader
{
    public const int Bytes = 7 * sizeof(int);

    private const int VersionOneMagic = 0x616B3432;

    /// <exception cref="UserError">The file is not a llama2.c model of version 0.</exception>
    public static LlamaArchitecture Read(FileStream stream)
    {
        string path = stream.Name;
        Span<byte> header = stackalloc byte[Bytes];
        if (stream.ReadAtLeast(header, Bytes, throwOnEndOfStream: false) < Bytes)
        {
            throw new UserError($"{path}: expected a llama2.c model, which starts with {Bytes} bytes of sizes, found {stream.Length} bytes in all. Fetch the file again.");
        }
        Span<int> sizes = stackalloc int[7];
        for (int i = 0; i < sizes.Length; i++)
        {
            sizes[i] = BinaryPrimitives.ReadInt32LittleEndian(header[(i * sizeof(int))..]);
        }
        if (sizes[0] == VersionOneMagic)
        {
            throw new UserError($"{path}: expected a llama2.c model of version 0, found version {sizes[1]}. Export it again with llama2.c's export.py --version 0.");
        }
        (int hidden, int heads, int vocabulary) = (sizes[0], sizes[3], sizes[5]);
        if (vocabulary == int.MinValue || heads <= 0 || hidden <= 0 || hidden % heads != 0)
        {
            throw new UserError($"{path}: expected a llama2.c model (dim a multiple of n_heads), found dim {hidden}, n_heads {heads}, vocab_size {vocabulary}. Is this a llama2.c file?");
        }
        if ((long)sizes[2] * hidden * sizeof(float) > stream.Length)
        {
            throw new UserError($"{path}: expected weights of {sizes[2]} layers (n_layers), found {stream.Length} bytes in all. Is this a llama2.c file?");
        }
        return new LlamaArchitecture
        {
            HiddenSize = hidden,
            IntermediateSize = sizes[1],
            BlockCount = sizes[2],
            Heads = heads,
            KeyValueHeads = sizes[4],
            HeadSize = hidden / heads,
            VocabularySize = Math.Abs(vocabulary),
            MaxPositions = sizes[6],
            RmsNormEpsilon = 1e-5,
            TieEmbeddings = vocabulary > 0,
            NormScheme = NormSchemes.Pre,
            BosTokenId = 1,
            EosTokenIds = [2],
        }.Validate(path);
    }
}
