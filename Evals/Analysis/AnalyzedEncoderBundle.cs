using Factory.Core;
using Factory.Core.Text;
using Factory.Evals.Models;
using Factory.Runtime;
using Factory.Runtime.Analysis;
using Factory.Runtime.Encoders;

namespace Factory.Evals.Analysis;

/// <summary>An encoder's bundle (BERT, Post-LN). Texts are read as one segment between [CLS] and [SEP].</summary>
internal sealed class AnalyzedEncoderBundle(EncoderBundle bundle) : AnalyzedBundle
{
    public override string Directory => bundle.Directory;

    public override string Name => bundle.Name;

    public override string Sha256 => bundle.Manifest.ContentHash;

    public override string NormScheme => "post";

    public override int Blocks => bundle.Model.BlockCount;

    public override int MaxPositions => bundle.Model.MaxPositions;

    public override int VocabularySize => bundle.Model.VocabularySize;

    public override int[] Encode(string text)
    {
        WordPieceTokenizer tokenizer = bundle.Tokenizer ?? throw NoTokenizer();
        return [tokenizer.ClassificationTokenId, .. tokenizer.Encode(text).Select(piece => piece.Id), tokenizer.SeparatorTokenId];
    }

    public override IAnalyzedModel Load(RuntimeOptions options) => new Opened(bundle, options);

    private sealed class Opened(EncoderBundle bundle, RuntimeOptions options) : IAnalyzedModel
    {
        private readonly Lazy<EncoderModel> _model = new(() => EncoderModel.Load(bundle, options));
        private readonly Lazy<EncoderModel> _measured = new(() => EncoderModel.Load(bundle, options, measured: true));

        public BlockStatistics Measure(IReadOnlyList<int[]> rows) => _measured.Value.Measure([.. rows.Select(row => new EncoderInput(row))]);

        public ILanguageModel Without(IReadOnlyCollection<int> removed) => new EncoderLanguageModel(_model.Value, removed);

        public double Loss(IReadOnlyList<int[]> rows, IReadOnlyCollection<int> removed, Action progress, CancellationToken cancellationToken) =>
            throw new UserError($"{bundle.Directory}: expected a model that predicts next tokens, found a BERT, which has no such loss. Look at its variance or angles, or prune it by its score (tasks squad).");

        public void Dispose()
        {
            foreach (Lazy<EncoderModel> opened in new[] { _model, _measured }.Where(opened => opened.IsValueCreated))
            {
                opened.Value.Dispose();
            }
        }
    }
}
