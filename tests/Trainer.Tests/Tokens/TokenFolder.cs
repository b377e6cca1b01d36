using System.IO.Compression;
using System.Text;
using Factory.Core.Text;
using Factory.Trainer.Texts;
using Factory.Trainer.Tokens;

namespace Factory.Trainer.Tests.Tokens;

/// <summary>Text files, and the tokens made of them with the bundled tokenizer.</summary>
internal sealed class TokenFolder : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static string TokenizerPath => Path.Combine(GoldenData.Repository, "assets", "shakespeare", "tokenizer.model");

    public TextTokenizer Tokenizer { get; } = TextTokenizer.Load(TokenizerPath);

    public string Output => _folder.At("tokens");

    public string At(string name) => _folder.At(name);

    /// <summary>Writes a text file, compressed when its name says so.</summary>
    public string Write(string name, string text)
    {
        string path = _folder.At(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using FileStream file = File.Create(path);
        using Stream stream = name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionLevel.Fastest)
            : name.EndsWith(".zst", StringComparison.Ordinal) ? new ZstdSharp.CompressionStream(file)
            : file;
        stream.Write(Encoding.UTF8.GetBytes(text));
        return path;
    }

    /// <summary>Lines that tokenizing logged.</summary>
    public List<string> Log { get; } = [];

    public TokenizeReport Run(string[] inputs, double fraction = 0, string field = "text", bool overwrite = false) =>
        Run(inputs, new TokenizeOptions { Output = Output, ValidationFraction = fraction, Text = new TextOptions { Field = field }, Overwrite = overwrite });

    public TokenizeReport Run(string[] inputs, TokenizeOptions options) =>
        Tokenization.Run(options, new TextFiles(InputSearch.Find(inputs, Log.Add), options.Text, Log.Add), Tokenizer, progress: null, CancellationToken.None);

    /// <summary>All training and validation tokens.</summary>
    public (int[] Train, int[] Validation) Read()
    {
        using TokenDataset data = TokenDataset.Open(Output);
        return (All(data.Train), All(data.Validation));

        static int[] All(TokenSplit split)
        {
            var ids = new int[split.Count];
            split.Read(0, ids);
            return ids;
        }
    }

    /// <summary>BOS, the text, EOS.</summary>
    public int[] Document(string text) => [1, .. Tokenizer.EncodePlain(text), 2];

    public void Dispose() => _folder.Dispose();
}
