namespace Factory.Core.Text;

/// <summary>A stretch of text within which pieces are looked for; they never reach over its ends.</summary>
/// <param name="Text">As pieces spell it.</param>
/// <param name="Start">Where it starts in the normalized text.</param>
/// <param name="Length">Characters that it takes there; fewer than it has where a space was put in front.</param>
internal readonly record struct Word(string Text, int Start, int Length)
{
    /// <summary>A part of this word.</summary>
    public Word Slice(int start, int length)
    {
        int added = Text.Length - Length;
        int from = Math.Max(start - added, 0);
        return new Word(Text.Substring(start, length), Start + from, Math.Max(start + length - added, 0) - from);
    }
}

/// <summary>tokenizer.json's "pre_tokenizer": from a normalized text to words.</summary>
internal sealed class PreTokenizer
{
    private readonly List<Func<Word, bool, IEnumerable<Word>>> _steps = [];

    /// <exception cref="UserError">It is of a kind that Factory does not know.</exception>
    public PreTokenizer(TokenizerObject tokenizer)
    {
        if (tokenizer.Object("pre_tokenizer") is TokenizerObject step)
        {
            Add(step);
        }
    }

    /// <summary>Whether words are spelled in bytes (<see cref="ByteAlphabet"/>).</summary>
    public bool IsByteLevel { get; private set; }

    /// <param name="opens">Whether the text opens a sequence.</param>
    public IEnumerable<Word> Split(string text, bool opens)
    {
        IEnumerable<Word> words = [new Word(text, 0, text.Length)];
        foreach (Func<Word, bool, IEnumerable<Word>> step in _steps)
        {
            words = words.SelectMany(word => step(word, opens && word.Start == 0));
        }
        return words;
    }

    private void Add(TokenizerObject step)
    {
        if (IsByteLevel)
        {
            throw step.Bad("pre_tokenizer", "ByteLevel to come last", "another step behind it");
        }
        switch (step.Text("type"))
        {
            case "Sequence":
                foreach (TokenizerObject inner in step.Objects("pretokenizers"))
                {
                    Add(inner);
                }
                break;
            case "ByteLevel":
                AddByteLevel(step);
                break;
            case "Split":
                SplitPattern split = SplitPattern.Read(step);
                _steps.Add((word, _) => split.Apply(word));
                break;
            case "Digits":
                SplitPattern digits = SplitPattern.Digits(step.Truth("individual_digits") ?? false, step.Path);
                _steps.Add((word, _) => digits.Apply(word));
                break;
            case "WhitespaceSplit":
                SplitPattern spaces = SplitPattern.Spaces(step.Path);
                _steps.Add((word, _) => spaces.Apply(word));
                break;
            case "Metaspace":
                AddMetaspace(step);
                break;
            case string other:
                throw step.Bad("pre_tokenizer.type", "Sequence, ByteLevel, Split, Digits, WhitespaceSplit or Metaspace", other);
            default:
                throw step.Bad("pre_tokenizer.type", "a kind", "none");
        }
    }

    private void AddByteLevel(TokenizerObject step)
    {
        if (step.Truth("add_prefix_space") ?? true)
        {
            _steps.Add((word, _) => [word.Text.Length == 0 || word.Text[0] == ' ' ? word : word with { Text = " " + word.Text }]);
        }
        if (step.Truth("use_regex") ?? true)
        {
            SplitPattern pattern = SplitPattern.Gpt2(step.Path);
            _steps.Add((word, _) => pattern.Apply(word));
        }
        IsByteLevel = true;
    }

    private void AddMetaspace(TokenizerObject step)
    {
        string mark = step.Text("replacement") ?? "▁";
        string scheme = step.Text("prepend_scheme") ?? (step.Truth("add_prefix_space") ?? true ? "always" : "never");
        if (mark.Length != 1 || scheme is not ("always" or "first" or "never"))
        {
            throw step.Bad("pre_tokenizer", "Metaspace with one character and prepend_scheme always, first or never", $"'{mark}' and {scheme}");
        }
        SplitPattern? words = step.Truth("split") ?? true ? SplitPattern.Before(mark, step.Path) : null;
        _steps.Add((word, opens) =>
        {
            string text = word.Text.Replace(" ", mark, StringComparison.Ordinal);
            bool prefixed = text.Length > 0 && (scheme == "always" || (scheme == "first" && opens)) && !text.StartsWith(mark, StringComparison.Ordinal);
            word = word with { Text = prefixed ? mark + text : text };
            return words is null ? [word] : words.Apply(word);
        });
    }
}
