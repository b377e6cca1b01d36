using System.Runtime.InteropServices;
using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Disk;

namespace Factory.Trainer.Import;

/// <summary>
/// A llama2.c model of version 0. After the header come float32 tensors, each kind for all blocks together:
/// <code>
/// embedding · attention norms · q · k · v · o · feed-forward norms · gate (w1) · down (w2) · up (w3) · final norm · cos, sin · [head]
/// </code>
/// Its rotary positions turn adjacent pairs of channels; <see cref="Read"/> gives the rows of q and k in the half-split order.
/// </summary>
internal sealed class Llama2cFile : IWeightSource
{
    private readonly FileStream _stream;
    private readonly Dictionary<string, long> _offsets = [];

    private Llama2cFile(FileStream stream)
    {
        _stream = stream;
        Architecture = Llama2cHeader.Read(stream);
        long end = Layout();
        if (end != stream.Length)
        {
            throw new UserError($"{stream.Name}: expected {end} bytes for the sizes in its header, found {stream.Length}. Fetch the file again.");
        }
    }

    public LlamaArchitecture Architecture { get; }

    /// <exception cref="UserError">There is no such file, or it is not a llama2.c model of version 0.</exception>
    public static Llama2cFile Open(string path)
    {
        FileStream stream = InputFile.Open(path, "a llama2.c model");
        try
        {
            return new Llama2cFile(stream);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    public void Read(ParameterSpec parameter, int firstRow, Span<float> destination)
    {
        int columns = (int)parameter.Shape[^1];
        bool paired = parameter.Role is ParameterRole.Query or ParameterRole.Key;
        for (int done = 0; done < destination.Length; done += columns)
        {
            int row = firstRow + (done / columns);
            _stream.Seek(_offsets[parameter.Name] + ((paired ? PairedRow(row) : row) * (long)columns * sizeof(float)), SeekOrigin.Begin);
            _stream.ReadExactly(MemoryMarshal.AsBytes(destination.Slice(done, columns)));
        }
    }

    public void Dispose() => _stream.Dispose();

    /// <summary>Where the file has a row: rows j and j + headSize/2 of each head are its rows 2j and 2j + 1.</summary>
    private int PairedRow(int row)
    {
        (int head, int channel) = Math.DivRem(row, Architecture.HeadSize);
        (int second, int pair) = Math.DivRem(channel, Architecture.HeadSize / 2);
        return (head * Architecture.HeadSize) + (2 * pair) + second;
    }

    /// <summary>Finds every tensor's place; returns where the file must end.</summary>
    private long Layout()
    {
        ParameterCatalog catalog = Architecture.Parameters;
        long at = Llama2cHeader.Bytes;
        Place(Role(ParameterRole.Embedding));
        Place(Norms(block => block.Attention.Input!.Gain));
        Place(Role(ParameterRole.Query));
        Place(Role(ParameterRole.Key));
        Place(Role(ParameterRole.Value));
        Place(Role(ParameterRole.AttentionOutput));
        Place(Norms(block => block.FeedForward.Input!.Gain));
        Place(Role(ParameterRole.Gate));
        Place(Role(ParameterRole.Down));
        Place(Role(ParameterRole.Up));
        Place(catalog.Where(parameter => parameter.Name == ParameterCatalog.FinalNorm));
        at += (long)Architecture.MaxPositions * Architecture.HeadSize * sizeof(float); // cos and sin, headSize/2 each
        Place(Role(ParameterRole.Head));
        return at;

        void Place(IEnumerable<ParameterSpec> parameters)
        {
            foreach (ParameterSpec parameter in parameters)
            {
                _offsets.Add(parameter.Name, at);
                at += parameter.Count * sizeof(float);
            }
        }

        IEnumerable<ParameterSpec> Role(ParameterRole role) => catalog.Where(parameter => parameter.Role == role);

        IEnumerable<ParameterSpec> Norms(Func<BlockPlan, string> name) =>
            Architecture.Blocks.Select(block => catalog.Single(parameter => parameter.Name == name(block)));
    }
}
