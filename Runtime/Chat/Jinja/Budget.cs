using System.Runtime.CompilerServices;

namespace Factory.Runtime.Chat.Jinja;

/// <summary>Bounds one rendering: in work, in depth and in output.</summary>
internal sealed class Budget(CancellationToken cancellationToken)
{
    /// <summary>Evaluated nodes and characters moved in one rendering.</summary>
    public const long MaximumWork = 20_000_000;

    /// <summary>Characters of output.</summary>
    private const int MaximumLength = 4_000_000;

    private const int MaximumDepth = 100;

    private long _work = MaximumWork;
    private int _output = MaximumLength;
    private int _depth;

    /// <summary>Takes off for one evaluated node, or for as many characters or items as are about to be made.</summary>
    public void Spend(long amount = 1)
    {
        _work -= amount;
        if (_work < 0)
        {
            throw new ChatTemplateError("expected a chat template that comes to an end, found one that does not within the work allowed.");
        }
        if ((_work & 0x3FF) == 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    public void Write(int characters)
    {
        Spend(characters);
        _output -= characters;
        if (_output < 0)
        {
            throw new ChatTemplateError($"expected a chat template that writes at most {MaximumLength} characters, found one that writes more.");
        }
    }

    public void Enter()
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (++_depth > MaximumDepth)
        {
            throw new ChatTemplateError($"expected macros nested at most {MaximumDepth} deep, found more (does one call itself?).");
        }
    }

    public void Leave() => _depth--;
}
