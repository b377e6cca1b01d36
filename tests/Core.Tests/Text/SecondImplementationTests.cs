using Factory.Core.Text;
using Microsoft.ML.Tokenizers;

namespace Factory.Core.Tests.Text;

/// <summary>
/// Against Microsoft.ML.Tokenizers 2.0.1. Core does not use it: it cannot load a model without BOS (T5), keeps U+FFFD, which T5's model removes, gives
/// one unknown token per character, and joins the rightmost of equal BPE pairs, each unlike SentencePiece.
/// </summary>
public class SecondImplementationTests
{
    [Fact]
    public void The_corpus_has_the_same_ids_line_by_line()
    {
        TextTokenizer tokenizer = BundledTokenizer.Load();
        using FileStream file = File.OpenRead(BundledTokenizer.FilePath);
        SentencePieceTokenizer other = SentencePieceTokenizer.Create(file, addBeginningOfSentence: false, addEndOfSentence: false);
        foreach (string line in BundledTokenizer.Corpus.Split('\n'))
        {
            Assert.Equal(other.EncodeToIds(line), tokenizer.EncodePlain(line));
        }
    }
}
