using System.Runtime.CompilerServices;

namespace Factory.Runtime.Chat.Jinja;

/// <summary>Bounds one rendering: in work, in depth and in output.</summary>
internal sealed class Budget(long work, int maximumOutput, CancellationToken cancellationToken)
{
    private const int MaximumDepth = 100;

    private long _work = work;
    private int _output = maximumOutput;
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
            throw new ChatTemplateError($"expected a chat template that writes at most {ChatTemplate.MaximumLength} characters, found one that writes more.");
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
