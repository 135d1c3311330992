# Holds a value in every register, and in the red zone below the stack pointer, while something may disturb the thread;
# what they hold afterwards goes to registers_after, registers_flags, registers_vectors and registers_red_zone.
#
# void registers_running(void)   executes, without system calls, until registers_go is not zero; every register must survive
# void registers_blocked(void)   blocks in a read of one byte from registers_input; rax, rcx and r11 are the call's own

        .set    FLAGS, 0x8d7                    # CF PF AF ZF SF OF and the bit that is always set

        .macro  set_all
        .irp    name, rbx, rbp, r12, r13, r14, r15
        push    %\name
        .endr
        .set    at, 8
        .rept   16
        movq    $(0x5a5a0000 + at), -at(%rsp)
        .set    at, at + 8
        .endr
        cmpl    $0, registers_avx(%rip)
        je      1f
        .irp    number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        vmovups registers_pattern + \number(%rip), %ymm\number
        .endr
1:      .irp    number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        movups  registers_pattern + \number(%rip), %xmm\number
        .endr
        mov     $FLAGS, %eax
        lea     -256(%rsp), %rsp
        push    %rax
        popfq
        # lea and mov leave the flags alone
        lea     256(%rsp), %rsp
        .set    value, 0x1111111111111111
        .irp    name, rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15
        movabs  $value, %\name
        .set    value, value + 0x0101010101010101
        .endr
        .endm

        .macro  tell_all
        .set    at, 0
        .irp    name, rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15
        mov     %\name, registers_after + at(%rip)
        .set    at, at + 8
        .endr
        lea     -256(%rsp), %rsp
        pushfq
        pop     %rax
        lea     256(%rsp), %rsp
        mov     %rax, registers_flags(%rip)
        .set    at, 8
        .rept   16
        mov     -at(%rsp), %rax
        mov     %rax, registers_red_zone + at - 8(%rip)
        .set    at, at + 8
        .endr
        .irp    number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        movups  %xmm\number, registers_vectors + 32 * \number(%rip)
        .endr
        cmpl    $0, registers_avx(%rip)
        je      2f
        .irp    number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        vmovups %ymm\number, registers_vectors + 32 * \number(%rip)
        .endr
        vzeroupper
2:      .irp    name, r15, r14, r13, r12, rbp, rbx
        pop     %\name
        .endr
        .endm

        .text
        .globl  registers_running
        .type   registers_running, @function
registers_running:
        set_all
        # neither mov nor jrcxz changes the flags; rcx is zero until the end
3:      mov     registers_go(%rip), %rcx
        jrcxz   3b
        tell_all
        ret

        .globl  registers_blocked
        .type   registers_blocked, @function
registers_blocked:
        set_all
        mov     $0, %eax
        mov     registers_input(%rip), %edi
        lea     registers_byte(%rip), %rsi
        mov     $1, %edx
        syscall
        tell_all
        ret

        .data
        .balign 64
registers_pattern:
        .set    n, 1
        .rept   64
        .byte   n * 37 & 255
        .set    n, n + 1
        .endr
        .macro  variable name, bytes
        .globl  \name
        .balign 64
\name:  .zero   \bytes
        .endm
        variable registers_go, 8
        variable registers_avx, 4
        variable registers_input, 4
        variable registers_byte, 1
        variable registers_flags, 8
        variable registers_after, 120
        variable registers_red_zone, 128
        variable registers_vectors, 512
        .globl  registers_pattern
        .section .note.GNU-stack, "", @progbits
