using Factory.Trainer.Tokens;

namespace Factory.Trainer.Tests.Training;

/// <summary>The bundled corpus, tokenized once for a class of tests.</summary>
public sealed class SmallTokens : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public SmallTokens()
    {
        string directory = _folder.At("tokens");
        BundledCorpus.Prepare(directory);
        Data = TokenDataset.Open(directory);
    }

    public TokenDataset Data { get; }

    public void Dispose()
    {
        Data.Dispose();
        _folder.Dispose();
    }
}
