# Code to fill 2 MB pages with: BLOCKS functions of exactly 64 KB each. Function n enters at its first byte, leaves at
# its last, is padded with the byte n, and returns (n * 2654435761) ^ n: a call into a misplaced page is noticed. With
# WRITABLE the code may be written to as well.

        .text
        .ifdef  WRITABLE
        .section .wtext, "awx", @progbits
        .endif
        .balign 4096
        .globl  code_blocks
        .type   code_blocks, @function
code_blocks:
        .set    n, 0
        .rept   BLOCKS
        .byte   0xb8                                    # mov $..., %eax
        .long   (n * 2654435761) & 0xffffffff
        .byte   0xe9                                    # jmp over the padding
        .long   65520
        .fill   65520, 1, n & 0xff
        .byte   0x35                                    # xor $n, %eax
        .long   n
        .byte   0xc3                                    # ret
        .set    n, n + 1
        .endr
        .section .note.GNU-stack, "", @progbits
