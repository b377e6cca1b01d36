using Factory.Evals.Models;
using Factory.Runtime;
using Factory.Runtime.Analysis;

namespace Factory.Evals.Analysis;

/// <summary>A decoder's bundle, looked into through its analysis.onnx.</summary>
internal sealed class AnalyzedDecoderBundle(Bundle bundle) : AnalyzedBundle
{
    public override string Directory => bundle.Directory;

    public override string Name => bundle.Name;

    public override string Sha256 => bundle.Manifest.ContentHash;

    public override string NormScheme => bundle.Architecture.NormScheme.Name;

    public override int Blocks => bundle.Architecture.BlockCount;

    public override int MaxPositions => bundle.Architecture.MaxPositions;

    public override int VocabularySize => bundle.Architecture.VocabularySize;

    public override int[] Encode(string text) => (bundle.Tokenizer ?? throw NoTokenizer()).Encode(text, addBos: true);

    public override IAnalyzedModel Load(RuntimeOptions options) => new Opened(this, bundle, AnalysisModel.Load(bundle, options));

    private sealed class Opened(AnalyzedDecoderBundle owner, Bundle bundle, AnalysisModel model) : IAnalyzedModel
    {
        public BlockStatistics Measure(IReadOnlyList<int[]> rows) => model.Measure(rows);

        public ILanguageModel Without(IReadOnlyCollection<int> removed) => new PrunedLanguageModel(model, bundle.Tokenizer ?? throw owner.NoTokenizer(), removed);

        public double Loss(IReadOnlyList<int[]> rows, IReadOnlyCollection<int> removed, Action progress, CancellationToken cancellationToken)
        {
            var scorer = new PrunedScorer(model, removed);
            double sum = 0;
            long tokens = 0;
            foreach (int[] row in rows.Where(row => row.Length > 1))
            {
                cancellationToken.ThrowIfCancellationRequested();
                LogLikelihood found = scorer.Score(row[..1], row[1..]);
                sum -= found.Value;
                tokens += found.Tokens;
                progress();
            }
            return sum / tokens;
        }

        public void Dispose() => model.Dispose();
    }
}
